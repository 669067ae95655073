import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type Answered, createAskActivities } from '../../activities/ask.js';
import { createLedger } from '../../activities/frame/ledger.js';
import type { StepFailure } from '../../activities/frame/step-failure.js';
import { runInStep } from '../../activities/frame/step.js';
import { createModels } from '../../activities/providers/model.js';
import { type AskInput, ask as askType } from '../../job-types/ask.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type RecordingCalls, recordingAnswers, recordingCalls } from '../harness/recording-calls.js';
import { type RecordingStep, recordingStep } from '../harness/recording-step.js';
import { until } from '../harness/until.js';

const claude = 'anthropic/claude-sonnet-4-5';

let server: ModelServer;
let receipts: Map<string, unknown>;
let calls: RecordingCalls;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => {
  receipts = new Map();
  calls = recordingCalls();
});

async function answer(
  request: AskInput,
  { step = recordingStep({ name: 'answer' }), ...env }: { step?: RecordingStep; MODEL?: string } = {},
): Promise<Answered> {
  const models = createModels({
    MODEL: 'openai/any',
    MODELS: [claude, 'rules'],
    OPENAI_BASE_URL: server.url,
    ANTHROPIC_BASE_URL: server.url,
    ANTHROPIC_API_KEY: 'sk-ant',
    ...env,
  });
  const { answerPrompt } = createAskActivities({
    models,
    receipts: {
      async find<T>({ step: name }: { step: string }) {
        const outcome = receipts.get(name) as T | undefined;
        return outcome === undefined ? null : { outcome, copiedFrom: null };
      },
      put: async <T>({ step: name }: { step: string }, outcome: T) => void receipts.set(name, outcome),
    },
    ledger: createLedger({
      calls,
      answers: recordingAnswers(),
      priceOf: () => null,
      onError: () => undefined,
    }),
  });
  return runInStep(step, () => answerPrompt({ ...request, owner: 'ann' }));
}

const sent = () => server.calls.at(-1)?.body as Record<string, unknown>;

describe('a prompt', () => {
  it('is answered with text', async () => {
    const step = recordingStep({ name: 'answer' });
    const answered = await answer({ prompt: 'Say it again' }, { step });
    expect(answered).toMatchObject({
      text: 'You said: Say it again',
      value: null,
      provider: 'openai/any',
      finishReason: 'stop',
      notes: [],
    });
    expect(answered.usage?.outputTokens).toBeGreaterThan(0);
    expect(step.said.join('')).toBe(answered.text);
    expect(step.told).toEqual([{ message: 'Asking openai/any' }]);
  });

  it('is sent as it is, and nothing is asked that the job did not say but an end', async () => {
    await answer({ prompt: ' Say\n it ' });
    expect(sent()).toEqual({
      model: 'any',
      messages: [{ role: 'user', content: ' Say\n it ' }],
      max_tokens: 32_000,
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  it('goes with a system text, a limit and a temperature', async () => {
    await answer({ prompt: 'Hello', system: 'Be brief.', maxOutputTokens: 100, temperature: 0 });
    expect(sent()).toMatchObject({
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'Hello' },
      ],
      max_tokens: 100,
      temperature: 0,
    });
  });

  it.each(['openai/any', claude])('can be a conversation (%s)', async (model) => {
    const messages: AskInput['messages'] = [
      { role: 'user', content: 'One' },
      { role: 'assistant', content: 'Two' },
      { role: 'user', content: 'Three' },
    ];
    expect((await answer({ messages, model })).text).toBe('You said: Three');
    const roles = (sent()['messages'] as { role: string }[]).map(({ role }) => role);
    expect(roles).toEqual(['user', 'assistant', 'user']);
  });

  it.each(['openai/any', claude])('is answered as far as the limit goes (%s)', async (model) => {
    const answered = await answer({ prompt: 'Say this again, please', model, maxOutputTokens: 2 });
    expect(answered).toMatchObject({
      text: 'You said: Say this again'.slice(0, 24),
      finishReason: 'length',
      notes: ['The answer was cut off at 2 tokens.'],
    });
    expect(receipts.size).toBe(1);
  });

  it('is not answered by nothing', async () => {
    server.next('empty');
    await expect(answer({ prompt: 'Hello' })).rejects.toMatchObject({
      code: 'malformed-answer',
      // It says what is likely wrong.
      message: expect.stringMatching(/^openai\/any gave an empty answer; its server may have .*\.$/),
    });
    server.next('length-limit', { text: ' ' });
    await expect(answer({ prompt: 'Hello' })).rejects.toMatchObject({ code: 'answer-too-long' });
    expect(receipts.size).toBe(0);
  });

  it.each([
    ['cut-mid-stream', 'answer-cut-off'],
    ['end-without-finish', 'answer-cut-off'],
    ['content-filter', 'answer-withheld'],
    ['tool-call', 'malformed-answer'],
  ] as const)('is not answered by a part (%s)', async (behaviour, code) => {
    server.next(behaviour, { text: 'This is all there is to say about it' });
    await expect(answer({ prompt: 'Hello' })).rejects.toMatchObject({ code });
  });

  it('keeps what a database cannot out of its answer', async () => {
    server.next('answer', { text: 'a\0b\ud800c' });
    expect((await answer({ prompt: 'Hello' })).text).toBe('a\uFFFDb\uFFFDc');
  });

  it('is paid for once', async () => {
    const first = await answer({ prompt: 'Hello' });
    const before = server.calls.length;
    expect(
      await answer({ prompt: 'Hello' }, { step: recordingStep({ name: 'answer', attempt: 2 }) }),
    ).toEqual(first);
    expect(server.calls).toHaveLength(before);
  });

  it('leaves the text so far when it is cancelled', async () => {
    const controller = new AbortController();
    const step = recordingStep({ name: 'answer', signal: controller.signal });
    server.next('hang-mid-stream', { text: 'Once upon a time there was a frog' });
    const answering = answer({ prompt: 'Tell me' }, { step });
    answering.catch(() => undefined);
    await until(() => step.said.length > 0, { what: 'the model has begun to answer' });
    controller.abort(new Error('cancelled'));
    await expect(answering).rejects.toThrow('cancelled');
    expect(step.left).toMatchObject({ text: 'Once upon a time ', usage: { estimated: true } });
  });

  it.each(['rules', undefined])('is nothing for the rules (model: %s)', async (model) => {
    const before = server.calls.length;
    await expect(answer({ prompt: 'Hello', model }, { MODEL: 'rules' })).rejects.toMatchObject({
      code: 'model-not-found',
    });
    expect(server.calls).toHaveLength(before);
  });
});

const recipe = {
  type: 'object',
  properties: { title: { type: 'string' }, minutes: { type: 'integer' } },
  required: ['title', 'minutes'],
  additionalProperties: false,
} as const;

/** As people write them. Strict structured output takes those that are closed. */
const closed = new Set(['a closed object', 'a list', 'a number', 'a choice']);
const schemas: [string, AskInput['schema'], unknown][] = [
  ['a closed object', { ...recipe, required: [...recipe.required] }, { title: 'word', minutes: 1 }],
  ['an open object', { type: 'object', properties: { title: { type: 'string' } } }, { title: 'word' }],
  ['any object', { type: 'object' }, {}],
  [
    'lengths and formats',
    {
      type: 'object',
      properties: { on: { type: 'string', format: 'date', maxLength: 10 } },
      required: ['on'],
    },
    { on: '2026-01-01' },
  ],
  ['a list', { type: 'array', items: { type: 'string' } }, ['word']],
  ['a number', { type: 'number' }, 1],
  ['a choice', { enum: ['yes', 'no'] }, 'yes'],
  [
    'a tree',
    {
      $ref: '#/$defs/tree',
      $defs: {
        tree: { type: 'object', properties: { kids: { type: 'array', items: { $ref: '#/$defs/tree' } } } },
      },
    },
    { kids: [{}] },
  ],
];

describe.each(['openai/any', claude])('a schema, with %s', (model) => {
  it.each(schemas)('of %s is taken by the server, and the answer matches', async (_, schema, value) => {
    const answered = await answer({ prompt: 'Hello', schema, model });
    expect(answered).toMatchObject({ value, text: JSON.stringify(value), finishReason: 'stop' });
    expect(askType.result.safeParse({ ...answered, model }).success).toBe(true);
  });

  it('is not met by an answer in another form, nor by one that was cut', async () => {
    server.next('answer', { text: '{"title": "Soup"}' });
    const asking = { prompt: 'Hello', schema: schemas[0]?.[1], model };
    await expect(answer(asking)).rejects.toMatchObject({
      code: 'malformed-answer',
      message: `${model} answered in another form than was asked for: / has no "minutes".`,
    });
    await expect(answer({ ...asking, maxOutputTokens: 1 })).rejects.toMatchObject({
      code: 'answer-too-long',
    });
    expect(receipts.size).toBe(0);
  });
});

describe('a schema is sent', () => {
  it.each(schemas.map(([name, schema]) => [name, schema, closed.has(name)] as const))(
    'for %s as strict only where that is taken',
    async (_, schema, strict) => {
      await answer({ prompt: 'Hello', schema });
      expect(sent()).toMatchObject({ response_format: { type: 'json_schema', json_schema: { strict } } });
    },
  );

  it('to Anthropic as the format of the answer, or where that cannot say it as a tool', async () => {
    await answer({ prompt: 'Hello', schema: schemas[0]?.[1], model: claude });
    expect(sent()).toMatchObject({ output_config: { format: { type: 'json_schema' } } });
    receipts.clear();
    await answer({ prompt: 'Hello', schema: { type: 'object' }, model: claude });
    expect(sent()).toMatchObject({ tools: [{ name: 'json', input_schema: { type: 'object' } }] });
  });

  it('and asked for again after a malformed answer, but not after the third', async () => {
    for (const [attempt, final] of [
      [1, false],
      [2, false],
      [3, true],
    ] as const) {
      const step = recordingStep({ name: 'answer', attempt });
      server.next('broken-json');
      const asking = answer({ prompt: 'Hello', schema: { type: 'object' } }, { step });
      const failure = (await asking.catch((error: unknown) => error)) as StepFailure;
      expect(failure.code).toBe('malformed-answer');
      expect(failure.options.final ?? false).toBe(final);
    }
  });
});

failOnLeftovers();
