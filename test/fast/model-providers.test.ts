import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { StepFailure } from '../../activities/frame/step-failure.js';
import { type FailureCode, failures } from '../../job-types/contract/failures.js';
import { objectForm } from '../../activities/providers/answer-form.js';
import { type Models, type Question, createModels } from '../../activities/providers/model.js';
import {
  type BehaviourName,
  type ModelServer,
  startModelServer,
} from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const key = 'sk-canary-0123456789abcdef';
const Greeting = z.object({ greeting: z.string() });
const greeting = JSON.stringify({ greeting: 'Good morning to everyone who reads this' });

let server: ModelServer;
let models: Models;

beforeAll(async () => {
  server = await startModelServer();
  models = createModels(
    {
      MODEL: 'openai/any',
      MODELS: ['anthropic/claude-sonnet-4-5', 'anthropic/claude-3-haiku'],
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: server.url,
      ANTHROPIC_API_KEY: key,
      ANTHROPIC_BASE_URL: server.url,
    },
    { firstMs: 5_000, nextMs: 2_000 },
  );
});
afterAll(() => server.close());

const question = (more: Partial<Question<{ greeting: string }>> = {}): Question<{ greeting: string }> => ({
  model: 'openai/any',
  system: 'You greet.',
  prompt: 'Greet the reader.',
  form: objectForm(Greeting),
  longestAnswer: 10_000,
  longestLoop: 8_000,
  mostTokens: 1_000,
  signal: new AbortController().signal,
  ...more,
});

async function failureOf(asking: Promise<unknown>): Promise<StepFailure> {
  const outcome = await asking.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof StepFailure) return outcome;
  throw new Error(`expected a StepFailure, got ${String(outcome)}`);
}

describe('a model that answers', () => {
  it.each(['answer', 'instant', 'fenced-json'] as const)('is believed (%s)', async (behaviour) => {
    server.next(behaviour, { text: greeting });
    const pieces: string[] = [];
    const answer = await models.ask(question({ onText: (piece) => pieces.push(piece) }));
    expect(answer.value).toEqual(JSON.parse(greeting));
    expect(answer.provider).toBe('openai/any');
    expect(answer.usage).toMatchObject({ costUsd: null });
    expect(answer.usage?.inputTokens).toBeGreaterThan(0);
    expect(answer.usage?.outputTokens).toBeGreaterThan(0);
    expect(pieces.join('')).toContain(greeting);
  });

  it('may leave out what it cost', async () => {
    server.next('no-usage', { text: greeting });
    expect((await models.ask(question())).usage).toBeNull();
  });

  it('is asked for strict structured output, streaming, with its usage', async () => {
    server.next('answer', { text: greeting });
    await models.ask(question());
    expect(server.calls.at(-1)?.body).toMatchObject({
      model: 'any',
      stream: true,
      stream_options: { include_usage: true },
      response_format: { type: 'json_schema', json_schema: { strict: true } },
    });
    expect(server.calls.at(-1)?.headers.authorization).toBe('(a key)');
  });
});

describe('a model that fails', () => {
  const table: [BehaviourName, FailureCode][] = [
    ['hang-before-headers', 'provider-timed-out'],
    ['hang-mid-stream', 'provider-timed-out'],
    ['cut-before-headers', 'provider-unavailable'],
    ['cut-mid-stream', 'answer-cut-off'],
    ['end-without-finish', 'answer-cut-off'],
    ['rate-limited', 'provider-rate-limited'],
    ['quota-exhausted', 'quota-exhausted'],
    ['server-error', 'provider-unavailable'],
    ['overloaded', 'provider-unavailable'],
    ['bad-gateway', 'provider-unavailable'],
    ['wrong-key', 'provider-key-refused'],
    ['unknown-model', 'model-not-found'],
    ['no-such-page', 'provider-address-wrong'],
    ['context-too-long', 'context-too-long'],
    ['bad-request', 'provider-refused'],
    ['error-mid-stream', 'provider-unavailable'],
    ['json-error-with-200', 'provider-unavailable'],
    ['broken-events', 'malformed-answer'],
    ['broken-json', 'malformed-answer'],
    ['wrong-shape', 'malformed-answer'],
    ['length-limit', 'answer-too-long'],
    ['content-filter', 'answer-withheld'],
    ['tool-call', 'malformed-answer'],
    ['empty', 'malformed-answer'],
    ['endless', 'malformed-answer'],
  ];

  it.each(table)('%s is %s, after one call', async (behaviour, code) => {
    const before = server.calls.length;
    server.next(behaviour);
    const failure = await failureOf(models.ask(question()));
    expect(failure).toMatchObject({ code, options: { provider: 'openai/any' } });
    expect(failure.message).toMatch(/^openai\/any .*\.$|^The connection to openai\/any .*\.$/);
    expect(`${failure.stack} ${JSON.stringify(failure.options)}`).not.toMatch(/canar|Greet the reader/);
    expect(server.calls.length - before).toBe(1);
    await until(() => server.calls.at(-1)?.closedAt, { what: `the socket of ${behaviour} is closed` });
  });

  it('is tried again by Temporal only when that can help', () => {
    const final = table.map(([, code]) => code).filter((code) => !failures[code].retryable);
    expect([...new Set(final)].toSorted()).toEqual([
      'answer-too-long',
      'answer-withheld',
      'context-too-long',
      'model-not-found',
      'provider-address-wrong',
      'provider-key-refused',
      'provider-refused',
      'quota-exhausted',
    ]);
  });

  it('may say when to come back, in several ways', async () => {
    const inAMinute = new Date(Date.now() + 60_000).toUTCString();
    const ways: [Record<string, string>, (seconds: number | undefined) => void][] = [
      [{ 'retry-after': '2' }, (seconds) => expect(seconds).toBe(2)],
      [{ 'retry-after': '9', 'retry-after-ms': '1500' }, (seconds) => expect(seconds).toBe(1.5)],
      [{ 'retry-after': '86400' }, (seconds) => expect(seconds).toBe(600)],
      [{ 'retry-after': 'soon' }, (seconds) => expect(seconds).toBeUndefined()],
      [{ 'retry-after': '-5' }, (seconds) => expect(seconds).toBeUndefined()],
      // So much less as the others of this list have taken.
      [{ 'retry-after': inAMinute }, (seconds) => expect(Math.abs((seconds ?? 0) - 45)).toBeLessThan(16)],
    ];
    for (const [headers, check] of ways) {
      server.next('rate-limited', { retryAfter: headers['retry-after'] ?? '', headers });
      check((await failureOf(models.ask(question()))).options.retryAfter);
    }
  });

  it('may not be there at all', async () => {
    const port = await unusedPort();
    const away = createModels({
      MODEL: 'openai/any',
      MODELS: [],
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    });
    const failure = await failureOf(away.ask(question()));
    expect(failure.code).toBe('provider-unavailable');
    expect(failure.message).toBe('openai/any could not be reached (ECONNREFUSED).');
  });
});

async function unusedPort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

describe('a model of Anthropic', () => {
  const model = 'anthropic/claude-sonnet-4-5';

  it('is asked for structured output and believed', async () => {
    server.next('answer', { text: greeting });
    const answer = await models.ask(question({ model }));
    expect(answer).toMatchObject({
      value: JSON.parse(greeting) as unknown,
      provider: model,
      usage: { outputTokens: 14 },
    });
    expect(server.calls.at(-1)?.body).toMatchObject({ output_config: { format: { type: 'json_schema' } } });
    expect(server.calls.at(-1)?.headers['x-api-key']).toBe('(a key)');
  });

  it.each<[BehaviourName, FailureCode]>([
    ['hang-mid-stream', 'provider-timed-out'],
    ['cut-mid-stream', 'answer-cut-off'],
    ['end-without-finish', 'answer-cut-off'],
    ['rate-limited', 'provider-rate-limited'],
    ['overloaded', 'provider-unavailable'],
    ['error-mid-stream', 'provider-unavailable'],
    ['wrong-key', 'provider-key-refused'],
    ['unknown-model', 'model-not-found'],
    ['broken-json', 'malformed-answer'],
    ['length-limit', 'answer-too-long'],
    ['content-filter', 'answer-withheld'],
  ])('%s is %s, after one call', async (behaviour, code) => {
    const before = server.calls.length;
    server.next(behaviour);
    expect(await failureOf(models.ask(question({ model })))).toMatchObject({
      code,
      options: { provider: model },
    });
    expect(server.calls.length - before).toBe(1);
  });
});

describe('aborting a question', () => {
  it('throws the reason as it is, closes the socket, and leaves the text so far with an estimated usage', async () => {
    const controller = new AbortController();
    const reason = new Error('the job was cancelled');
    let left: { text: string; usage: { estimated?: boolean; outputTokens: number } } | null = null;
    server.next('hang-mid-stream', { text: greeting });
    const asking = models.ask(
      question({
        signal: controller.signal,
        onText: () => queueMicrotask(() => controller.abort(reason)),
        onPartial: (partial) => (left = partial),
      }),
    );
    await expect(asking).rejects.toBe(reason);
    const call = server.calls.at(-1);
    await until(() => call?.closedAt, { what: 'the socket is closed' });
    expect(call?.abandoned).toBe(true);
    expect(left).toMatchObject({ text: expect.stringMatching(/^\{"greeting/), usage: { estimated: true } });
  });

  it('asks nothing when it was aborted before', async () => {
    const before = server.calls.length;
    const reason = new Error('too late');
    await expect(models.ask(question({ signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    expect(server.calls).toHaveLength(before);
  });
});

describe('the configured models', () => {
  it('are the default and the others, or the rules when there are none', () => {
    expect(createModels({ MODEL: 'openai/a', MODELS: ['anthropic/b', 'openai/a'] })).toMatchObject({
      default: 'openai/a',
      names: ['openai/a', 'anthropic/b'],
    });
    expect(createModels({ MODELS: [] })).toMatchObject({ default: 'rules', names: ['rules'] });
    expect(createModels({ MODEL: 'openai/a', MODELS: ['rules'] }).names).toContain('rules');
  });

  it('refuse a name that says no provider', () => {
    expect(() => createModels({ MODEL: 'gpt-5', MODELS: [] })).toThrow('"gpt-5" is no known model name');
  });

  it('need a key where the provider does', async () => {
    const keyless = createModels({ MODEL: 'openai/a', MODELS: ['anthropic/b'] });
    for (const [model, variable] of [
      ['openai/a', 'OPENAI_API_KEY'],
      ['anthropic/b', 'ANTHROPIC_API_KEY'],
    ] as const) {
      const failure = await failureOf(keyless.ask(question({ model })));
      expect(failure).toMatchObject({ code: 'provider-key-missing', message: `${variable} is not set.` });
    }
  });

  it('do not include a name that was not listed', async () => {
    expect((await failureOf(models.ask(question({ model: 'openai/other' })))).code).toBe('model-not-found');
  });
});

failOnLeftovers();
