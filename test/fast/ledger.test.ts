import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { type Ledger, createLedger } from '../../activities/frame/ledger.js';
import { HeldTooLong } from '../../activities/frame/over-budget.js';
import type { StepFailure } from '../../activities/frame/step-failure.js';
import type { CallOutcome } from '../../job-types/contract/call.js';
import type { FailureCode } from '../../job-types/contract/failures.js';
import { runInStep } from '../../activities/frame/step.js';
import type { PriceOf } from '../../activities/frame/tokens.js';
import { type Models, createModels } from '../../activities/providers/model.js';
import {
  type BehaviourName,
  type ModelServer,
  startModelServer,
} from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type AnswerForm, objectForm } from '../../activities/providers/answer-form.js';
import {
  type RecordedCall,
  type RecordingAnswers,
  type RecordingCalls,
  recordingAnswers,
  recordingCalls,
} from '../harness/recording-calls.js';
import { recordingStep } from '../harness/recording-step.js';
import { until } from '../harness/until.js';

const Greeting = z.object({ greeting: z.string() });
const text = JSON.stringify({ greeting: 'Good morning to everyone who reads this' });

/** A dollar for a token of input, ten for one of output, half a one for a cached one. */
const priceOf: PriceOf = (_, { inputTokens, cachedInputTokens, outputTokens }) =>
  inputTokens - (cachedInputTokens ?? 0) / 2 + outputTokens * 10;

let server: ModelServer;
let models: Models;
let calls: RecordingCalls;
let answers: RecordingAnswers;
let ledger: Ledger;
let complaints: unknown[];
/** What the model has said. */
let said: string[];

beforeAll(async () => {
  server = await startModelServer();
  models = createModels(
    {
      MODEL: 'openai/any',
      MODELS: ['anthropic/any', 'openai/nobody'],
      OPENAI_API_KEY: 'sk-test',
      OPENAI_BASE_URL: server.url,
      ANTHROPIC_API_KEY: 'sk-test',
      ANTHROPIC_BASE_URL: server.url,
    },
    { firstMs: 600, nextMs: 300 },
  );
});
afterAll(() => server.close());
beforeEach(() => {
  calls = recordingCalls();
  answers = recordingAnswers();
  complaints = [];
  said = [];
  ledger = createLedger({ calls, answers, priceOf, onError: (error) => void complaints.push(error) });
});

interface Asking {
  owner?: string;
  model?: string;
  attempt?: number;
  signal?: AbortSignal;
  of?: Models;
}

const question = {
  owner: 'ann',
  promptVersion: 'greet@1',
  system: 'You greet.',
  prompt: 'Greet the reader.',
};
/** 27 bytes. */
const estimatedInput = 7;

function ask({
  owner = 'bea',
  model = 'openai/any',
  attempt = 1,
  signal = new AbortController().signal,
  of,
}: Asking = {}) {
  const onText = (delta: string) => void said.push(delta);
  const bounds = { longestAnswer: 10_000, longestLoop: 8_000, mostTokens: 1_000 };
  const rest = { form: objectForm(Greeting), ...bounds, signal, onText };
  return runInStep(recordingStep({ attempt, signal }), () =>
    ledger.call({ ...question, ...rest, owner, model }, (asked) => (of ?? models).ask(asked)),
  );
}

async function rowAfter(asking: Promise<unknown>): Promise<RecordedCall | undefined> {
  await asking.catch(() => undefined);
  return calls.rows.at(-1);
}

describe('a call that is answered', () => {
  it('is noted before it is made, and settled with what the provider says', async () => {
    server.next('thinking', { text });
    const row = await rowAfter(ask());
    const served = server.calls.at(-1);
    expect(row).toMatchObject({
      jobId: 'job-1',
      owner: 'bea',
      step: 'extract',
      attempt: 1,
      model: 'openai/any',
      prompt: 'greet@1',
      outcome: 'answered',
      failureCode: null,
      providerId: `chatcmpl-${served?.id}`,
      inputTokens: served?.told?.input,
      outputTokens: served?.told?.output,
      reasoningTokens: 300,
      estimated: false,
    });
    expect(row?.cachedInputTokens).toBe(served?.told?.cached);
    const { input = 0, cached = 0, output = 0 } = served?.told ?? {};
    expect(row?.costUsd).toBe(input - cached / 2 + output * 10);
    expect(row?.firstTokenMs).toBeGreaterThanOrEqual(0);
    // So that the call is found in the provider's own log.
    expect(served?.requestId).toBe('job-1/1');
  });

  it('of Anthropic counts cached tokens among those of the input', async () => {
    server.next('thinking', { text });
    const row = await rowAfter(ask({ model: 'anthropic/any' }));
    const served = server.calls.at(-1);
    expect(row).toMatchObject({
      providerId: `msg_${served?.id}`,
      inputTokens: served?.told?.input,
      cachedInputTokens: served?.told?.cached,
      outputTokens: served?.told?.output,
    });
    expect(served?.told?.cached).toBeGreaterThan(0);
  });

  it('is estimated when the provider does not say', async () => {
    server.next('no-usage', { text });
    expect(await rowAfter(ask())).toMatchObject({
      outcome: 'answered',
      inputTokens: estimatedInput,
      outputTokens: Math.ceil(text.length / 4),
      cachedInputTokens: null,
      costUsd: estimatedInput + Math.ceil(text.length / 4) * 10,
      estimated: true,
    });
  });

  it('is paid by whom the task names, where the activity was not told', async () => {
    server.next('instant', { text });
    expect(await rowAfter(ask({ owner: '' }))).toMatchObject({ owner: 'ann' });
  });

  it('has no cost without a price', async () => {
    ledger = createLedger({ calls, answers, priceOf: () => null, onError: () => undefined });
    server.next('instant', { text });
    const row = await rowAfter(ask());
    expect(row).toMatchObject({ outcome: 'answered', costUsd: null, outputMtokUsd: null });
  });
});

describe('a call that goes wrong', () => {
  /** What the three kinds of bills come to. */
  const bills = {
    told: () => ({ input: server.calls.at(-1)?.told?.input, output: server.calls.at(-1)?.told?.output }),
    estimated: (row: RecordedCall | undefined) => ({ input: estimatedInput, output: row?.outputTokens }),
    free: () => ({ input: 0, output: 0 }),
  };

  it.each<[BehaviourName, CallOutcome, FailureCode, keyof typeof bills]>([
    ['broken-json', 'malformed', 'malformed-answer', 'told'],
    ['empty', 'malformed', 'malformed-answer', 'told'],
    ['endless', 'malformed', 'malformed-answer', 'estimated'],
    ['length-limit', 'cut', 'answer-too-long', 'told'],
    ['cut-mid-stream', 'cut', 'answer-cut-off', 'estimated'],
    ['error-mid-stream', 'cut', 'provider-unavailable', 'estimated'],
    ['hang-mid-stream', 'cut', 'provider-timed-out', 'estimated'],
    ['content-filter', 'refused', 'answer-withheld', 'told'],
    ['hang-before-headers', 'failed', 'provider-timed-out', 'estimated'],
    ['rate-limited', 'refused', 'provider-rate-limited', 'free'],
    ['wrong-key', 'refused', 'provider-key-refused', 'free'],
    ['context-too-long', 'refused', 'context-too-long', 'free'],
    ['server-error', 'failed', 'provider-unavailable', 'free'],
    ['cut-before-headers', 'failed', 'provider-unavailable', 'free'],
  ])('is settled as what it was: %s is %s', async (behaviour, outcome, failureCode, bill) => {
    server.next(behaviour, { text });
    const row = await rowAfter(ask());
    expect(row).toMatchObject({ outcome, failureCode, estimated: bill === 'estimated' });
    const { input = NaN, output = NaN } = bills[bill](row);
    expect(row).toMatchObject({ inputTokens: input, outputTokens: output, costUsd: input + output * 10 });
  });

  it('costs nothing when it was not made', async () => {
    const keyless = createModels({ MODEL: 'openai/any', MODELS: [] });
    expect(await rowAfter(ask({ of: keyless }))).toMatchObject({
      outcome: 'refused',
      failureCode: 'provider-key-missing',
      inputTokens: 0,
      costUsd: 0,
      estimated: false,
    });
  });

  it('is cancelled when we end it, with what had come', async () => {
    const controller = new AbortController();
    server.next('hang-mid-stream', { text });
    const asking = ask({ signal: controller.signal });
    asking.catch(() => undefined);
    await until(() => said.length > 0, { what: 'the model has begun' });
    controller.abort(new Error('cancelled'));
    await expect(asking).rejects.toThrow('cancelled');
    const row = calls.rows.at(-1);
    expect(row).toMatchObject({ outcome: 'cancelled', failureCode: null, estimated: true });
    expect(row?.outputTokens).toBeGreaterThan(0);
    expect(row?.providerId).toBe(`chatcmpl-${server.calls.at(-1)?.id}`);
  });
});

describe('answers of no use', () => {
  const failures = async (behaviours: readonly BehaviourName[]) => {
    const found: StepFailure[] = [];
    for (const [index, behaviour] of behaviours.entries()) {
      server.next(behaviour, { text });
      const failure: unknown = await ask({ attempt: index + 1 }).catch((error: unknown) => error);
      found.push(failure as StepFailure);
    }
    return found.map(({ code, options }) => ({ code, final: options.final ?? false }));
  };

  it('are paid for three times, whatever is the matter with them', async () => {
    expect(await failures(['broken-json', 'cut-mid-stream', 'server-error', 'error-mid-stream'])).toEqual([
      { code: 'malformed-answer', final: false },
      { code: 'answer-cut-off', final: false },
      { code: 'provider-unavailable', final: false },
      { code: 'provider-unavailable', final: true },
    ]);
  });

  it('are not bought again by an attempt after the last one, whose worker could not say so', async () => {
    await failures(['broken-json', 'broken-json', 'broken-json']);
    const before = server.calls.length;
    await expect(ask({ attempt: 4 })).rejects.toMatchObject({
      code: 'malformed-answer',
      options: { final: true },
    });
    expect(server.calls).toHaveLength(before);
    expect(calls.rows).toHaveLength(3);
  });

  it('are those of a provider that takes the question and then says nothing', async () => {
    const silent = Array.from({ length: 3 }, () => 'hang-before-headers' as const);
    expect((await failures(silent)).map(({ final }) => final)).toEqual([false, false, true]);
  });

  it('are not those that nobody gave', async () => {
    const refusals = Array.from({ length: 5 }, () => 'rate-limited' as const);
    expect((await failures(refusals)).map(({ final }) => final)).toEqual([false, false, false, false, false]);
  });

  it('are not calls that died with their workers, of which there are three as well', async () => {
    await failures(['broken-json', 'broken-json']);
    for (const attempt of [3, 4, 5]) {
      server.next('instant', { text });
      await ask({ attempt });
    }
    await expect(ask({ attempt: 6 })).rejects.toMatchObject({
      code: 'worker-lost',
      message: expect.stringMatching(/^3 workers died in a call of this step/),
      options: { final: true },
    });
    expect(calls.rows.map(({ outcome }) => outcome)).toEqual([
      ...Array.from({ length: 2 }, () => 'malformed'),
      ...Array.from({ length: 3 }, () => 'lost'),
    ]);
  });

  it('are not calls of workers that were told to stop, of which there are ten', async () => {
    for (let attempt = 1; attempt <= 10; attempt += 1) {
      const stop = new AbortController();
      const ends = () => {
        stop.abort();
        return Promise.reject(new Error('told to stop'));
      };
      await expect(ask({ attempt, signal: stop.signal, of: { ...models, ask: ends } })).rejects.toThrow(
        'told to stop',
      );
    }
    const before = server.calls.length;
    await expect(ask({ attempt: 11 })).rejects.toMatchObject({
      code: 'worker-lost',
      message: expect.stringMatching(/^10 calls of this step were cut short/),
      options: { final: true },
    });
    expect(server.calls).toHaveLength(before);
  });
});

describe('an answer whose last byte has come', () => {
  const asking = (form: AnswerForm<unknown>, more: { attempt?: number } = {}) =>
    runInStep(recordingStep(more), () =>
      ledger.call(
        {
          ...question,
          model: 'openai/any',
          form,
          longestAnswer: 10_000,
          longestLoop: 2_000,
          mostTokens: 5_000,
          signal: new AbortController().signal,
          onText: (delta: string) => void said.push(delta),
        },
        (asked) => models.ask(asked),
      ),
    );

  it('is kept before anybody reads it', async () => {
    const order: string[] = [];
    const form = objectForm(Greeting);
    answers.keep = async () => void order.push('kept');
    server.next('instant', { text });
    await asking({
      ...form,
      read(answer) {
        order.push('read');
        return form.read(answer);
      },
    });
    expect(order).toEqual(['kept', 'read']);
  });

  it('is used all the same when it cannot be kept', async () => {
    const away = new Error('the database is away');
    answers.keep = () => Promise.reject(away);
    server.next('instant', { text });
    expect((await asking(objectForm(Greeting))).value).toEqual(JSON.parse(text));
    expect(complaints).toEqual([away]);
  });

  it('waits a second and no longer for a database that says nothing', async () => {
    answers.keep = () => new Promise(() => undefined);
    server.next('instant', { text });
    expect((await asking(objectForm(Greeting))).value).toEqual(JSON.parse(text));
  });

  it('is read and not bought again by the next attempt, and is on the bill with what it has cost', async () => {
    server.next('thinking', { text });
    await asking(objectForm(Greeting));
    const [answer] = answers.kept;
    const bill = { ...calls.rows[0] };
    Object.assign(calls.rows[0] ?? {}, { outcome: null, costUsd: null, outputTokens: 0, providerId: null });
    answers.left.push({ callId: '1', answer: JSON.parse(JSON.stringify(answer)) });
    said = [];
    const before = server.calls.length;
    const again = await asking(objectForm(Greeting), { attempt: 2 });
    expect(server.calls).toHaveLength(before);
    const value: unknown = JSON.parse(text);
    expect(again).toMatchObject({ value, text, provider: 'openai/any' });
    expect(said.join('')).toBe(text);
    expect(calls.rows).toEqual([bill]);
  });

  it('that turns out to be of no use is so for the next attempt as well, and then another is asked for', async () => {
    server.next('broken-json', { text });
    await asking(objectForm(Greeting)).catch(() => undefined);
    const [answer] = answers.kept;
    Object.assign(calls.rows[0] ?? {}, { outcome: null });
    answers.left.push({ callId: '1', answer: JSON.parse(JSON.stringify(answer)) });
    const before = server.calls.length;
    await expect(asking(objectForm(Greeting), { attempt: 2 })).rejects.toMatchObject({
      code: 'malformed-answer',
    });
    expect(server.calls).toHaveLength(before);
    expect(calls.rows).toMatchObject([{ outcome: 'malformed' }]);
    server.next('instant', { text });
    expect((await asking(objectForm(Greeting), { attempt: 3 })).value).toEqual(JSON.parse(text));
  });
});

describe('the wait before the next attempt', () => {
  const waits = async (behaviours: readonly BehaviourName[]) => {
    const found: (number | undefined)[] = [];
    for (const [index, behaviour] of behaviours.entries()) {
      server.next(behaviour, { text });
      const failure: unknown = await ask({ attempt: index + 1 }).catch((error: unknown) => error);
      found.push((failure as StepFailure).options.nextTry);
    }
    return found;
  };

  it('is left to Temporal while no connection has worked', async () => {
    expect(await waits(['server-error', 'server-error'])).toEqual([undefined, undefined]);
  });

  it('starts afresh after a connection that worked', async () => {
    const down = Array.from({ length: 6 }, () => 'server-error' as const);
    expect(await waits(['server-error', 'server-error', 'cut-mid-stream', ...down])).toEqual([
      ...[undefined, undefined],
      ...[2, 4, 8, 16, 32, 60, 60],
    ]);
  });

  it('is the one the provider asks for, where it does', async () => {
    expect(await waits(['cut-mid-stream', 'rate-limited'])).toEqual([2, undefined]);
  });
});

describe('while the database is away', () => {
  const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });

  it('nothing is asked', async () => {
    ledger = createLedger({
      calls: { ...calls, open: () => Promise.reject(away) },
      answers,
      priceOf,
      onError: () => undefined,
    });
    const before = server.calls.length;
    await expect(ask()).rejects.toBe(away);
    expect(server.calls).toHaveLength(before);
  });

  it('an answer is kept, and its call settled when the database comes back within moments', async () => {
    let tries = 0;
    const settle: RecordingCalls['settle'] = async (...settled) => {
      tries += 1;
      if (tries < 3) throw away;
      return calls.settle(...settled);
    };
    ledger = createLedger({
      calls: { ...calls, settle },
      answers,
      priceOf,
      onError: (error) => void complaints.push(error),
    });
    server.next('instant', { text });
    expect((await ask()).value).toEqual(JSON.parse(text));
    expect(calls.rows.at(-1)?.outcome).toBe('answered');
    expect(complaints).toEqual([]);
  });

  it('an answer is kept, and its call left open, when the database stays away', async () => {
    ledger = createLedger({
      calls: { ...calls, settle: () => Promise.reject(away) },
      answers,
      priceOf,
      onError: (error) => void complaints.push(error),
    });
    server.next('instant', { text });
    expect((await ask()).value).toEqual(JSON.parse(text));
    expect(calls.rows.at(-1)?.outcome).toBeNull();
    expect(complaints).toEqual([away]);
  });
});

describe('a call for which other calls have left no room', () => {
  const held = (longestHold: number, signal = new AbortController().signal) => {
    let looks = 0;
    const reserve = async () => {
      looks += 1;
      return 'held' as const;
    };
    const waiting = createLedger({
      ...{ calls: { ...calls, reserve }, answers, priceOf, longestHold },
      onError: (error) => void complaints.push(error),
    });
    const step = recordingStep({ signal, budget: { maxTokens: 5_000, onExceed: 'wait' } });
    const bounds = { longestAnswer: 10_000, longestLoop: 8_000, mostTokens: 1_000 };
    const asked = { ...question, ...bounds, form: objectForm(Greeting), signal, onText: () => undefined };
    const call = runInStep(step, () =>
      waiting.call({ ...asked, model: 'openai/any' }, (heard) => models.ask(heard)),
    );
    return { call, step, looks: () => looks };
  };

  it('does not spend the whole time of its attempt on waiting for it', async () => {
    const { call, step, looks } = held(500);
    const served = server.calls.length;
    await expect(call).rejects.toThrow(HeldTooLong);
    expect(looks()).toBeGreaterThan(2);
    expect(step.told).toContainEqual({ message: 'Waiting for what other calls leave of the budget' });
    expect([calls.rows, complaints, server.calls.length]).toEqual([[], [], served]);
  });

  it('can be stopped while it waits', async () => {
    const stop = new AbortController();
    const { call, looks } = held(600_000, stop.signal);
    await until(() => looks() > 0, { what: 'it waits' });
    stop.abort(new Error('enough'));
    await expect(call).rejects.toMatchObject({ name: 'AbortError' });
  });
});

failOnLeftovers();
