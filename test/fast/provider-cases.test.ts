import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createLedger } from '../../activities/frame/ledger.js';
import { runInStep } from '../../activities/frame/step.js';
import { StepFailure } from '../../activities/frame/step-failure.js';
import { type ChosenWords, chooseWordsAnswer } from '../../activities/prompts/choose-words.js';
import { type Models, type Question, createModels } from '../../activities/providers/model.js';
import { type FailureCode, failures } from '../../job-types/contract/failures.js';
import { type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { recordingAnswers, recordingCalls } from '../harness/recording-calls.js';
import { recordingStep } from '../harness/recording-step.js';

/*
 * Each recorded answer of a provider in test/cases, and what a person expects of it.
 */

const key = 'sk-canary-0123456789abcdef';
let server: CaseServer;
let models: Models;

const answered: readonly (readonly [name: string, words: string[]])[] = [
  ['p01-think-tags', ['faro', 'farero', 'niebla']],
  ['p03-fence-in-prose', ['faro', 'farero', 'niebla']],
  ['p05-empty-finish-reasons', ['faro', 'farero', 'niebla']],
  ['p10-keep-alive-200s~0.01s', ['faro', 'farero', 'niebla']],
  ['p14-usage-without-choices', ['faro', 'farero', 'niebla']],
  ['p17-no-last-blank-line', ['faro', 'farero', 'niebla']],
  ['p19-crlf-one-byte-writes~1', ['灯台', 'горизонт', 'منارة']],
  ['p20-gzip', ['faro', 'farero', 'niebla']],
  ['p21-http10', ['faro', 'farero', 'niebla']],
  ['p22-half-emoji~0.01s', ['faro', 'niebla']],
  ['p31-null-fields-left-out', ['faro', 'niebla']],
  ['plain', ['faro', 'farero', 'niebla']],
];

const refused: readonly (readonly [name: string, code: FailureCode, sentence: string])[] = [
  ['p06-context-error-in-200', 'context-too-long', 'The input has 6210 tokens'],
  ['p08-credits-in-200-stream', 'quota-exhausted', 'This account never purchased credits'],
  ['p09-json-error-with-200', 'provider-address-wrong', 'Unexpected endpoint or method'],
  ['p13-429-in-array', 'provider-rate-limited', 'Please retry in 21.5s'],
  ['p23-refusal', 'answer-withheld', 'declined to answer'],
  ['p29-bad-then-good', 'malformed-answer', '/words'],
  ['down', 'provider-unavailable', 'busy'],
];

beforeAll(async () => {
  server = await startCaseServer();
  const names = [...answered, ...refused].map(([name]) => `openai/${name}`);
  models = createModels({
    MODEL: 'openai/p04-no-finish-reason',
    MODELS: [...names, 'openai/p11-json-schema-unavailable'],
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: server.models,
  });
});
afterAll(() => server.close());

const question = (name: string, more: Partial<Question<ChosenWords>> = {}): Question<ChosenWords> => ({
  model: `openai/${name}`,
  prompt: 'Pick words.',
  ...chooseWordsAnswer(3),
  signal: new AbortController().signal,
  ...more,
});

const ask = async (name: string) => {
  const pieces: string[] = [];
  const onText = (piece: string) => void pieces.push(piece);
  const answer = await models.ask(question(name, { onText, onRestart: () => void pieces.splice(0) }));
  return { ...answer, pieces };
};

async function failureOf(asking: Promise<unknown>): Promise<StepFailure> {
  const outcome = await asking.then(
    () => 'an answer',
    (error: unknown) => error,
  );
  if (outcome instanceof StepFailure) return outcome;
  throw new Error(`expected a StepFailure, got ${String(outcome)}`);
}

it.each(answered)('%s is an answer', async (name, words) => {
  const { value, pieces } = await ask(name);
  expect(value.words.map(({ word }) => word)).toEqual(words);
  expect(pieces.join('')).toContain(words[0]);
  // A character whose halves came in two chunks is given whole.
  expect(pieces.every((piece) => piece.isWellFormed())).toBe(true);
});

it('shows no reasoning', async () => {
  const { pieces, text } = await ask('p01-think-tags');
  expect(pieces.join('')).toBe(text);
  expect(text).toMatch(/^\{"words"/);
});

it('takes an answer without a finish reason, and says so', async () => {
  const { value, notes, usage } = await ask('p04-no-finish-reason');
  expect(value.words).toHaveLength(3);
  expect(notes).toContain(
    'openai/p04-no-finish-reason did not say that its answer is complete; all of it was there.',
  );
  expect(usage).toMatchObject({ inputTokens: 900, outputTokens: 120 });
});

it('keeps what a usage without choices says', async () => {
  const { usage } = await ask('p14-usage-without-choices');
  expect(usage).toMatchObject({ inputTokens: 203, outputTokens: 160 });
});

it('shows an emoji whose halves came apart', async () => {
  const { value, pieces } = await ask('p22-half-emoji~0.01s');
  expect(pieces.join('')).toContain('🗼');
  expect(value.words.map(({ translation }) => translation)).toEqual(['lighthouse 🗼', 'fog 🌫']);
});

it('reads what is left out as null, where null is allowed', async () => {
  const { value } = await ask('p31-null-fields-left-out');
  expect(value.words[0]).toMatchObject({ lemma: null, partOfSpeech: null, gender: null });
});

it.each(refused)('%s is %s', async (name, code, sentence) => {
  const failure = await failureOf(ask(name));
  expect(failure).toMatchObject({ code, options: { provider: `openai/${name}` } });
  expect(failure.message).toContain(sentence);
});

it('tells a person with a wrong address what to look at', async () => {
  const { message } = await failureOf(ask('p09-json-error-with-200'));
  expect(message).toMatch(/; the address of the provider may be wrong\.$/);
  expect(failures['provider-address-wrong']).toMatchObject({ retryable: false });
});

it('waits as long as the body of a refusal asks for', async () => {
  server.add('p13-429-in-array', await recorded('p13-429-in-array.1'));
  expect((await failureOf(ask('p13-429-in-array'))).options.retryAfter).toBe(21);
});

it('asks once more in a form that the server takes, and remembers which', async () => {
  const name = 'p11-json-schema-unavailable';
  server.add(name, [await recorded(name), await recorded('plain')]);
  const formats = () =>
    server.requests
      .map(({ body }) => JSON.parse(body) as { model: string; response_format?: { type: string } })
      .flatMap(({ model, response_format: format }) => (model === name ? [format?.type] : []));
  expect((await ask(name)).value.words).toHaveLength(3);
  expect(formats()).toEqual(['json_schema', 'json_object']);
  expect((await ask(name)).value.words).toHaveLength(3);
  expect(formats()).toEqual(['json_schema', 'json_object', 'json_object']);
});

it('bills a malformed answer and the good one after it', async () => {
  const name = 'p29-bad-then-good';
  server.add(name, [await recorded(`${name}.1`), await recorded(name)]);
  const calls = recordingCalls();
  const ledger = createLedger({
    calls,
    answers: recordingAnswers(),
    priceOf: () => null,
    onError: () => undefined,
  });
  const payer = { owner: 'ann', promptVersion: 'words@1' };
  const attempt = (number: number) =>
    runInStep(recordingStep({ attempt: number }), () =>
      ledger.call({ ...question(name), ...payer }, (heard) => models.ask(heard)),
    );
  await expect(attempt(1)).rejects.toMatchObject({ code: 'malformed-answer' });
  expect((await attempt(2)).value.words).toHaveLength(3);
  const sum = (of: 'inputTokens' | 'outputTokens') =>
    calls.rows.reduce((total, row) => total + (row[of] ?? 0), 0);
  expect([sum('inputTokens'), sum('outputTokens')]).toEqual([1800, 420]);
  expect(calls.rows.map(({ answeredBy }) => answeredBy)).toEqual(['m', 'm']);
});

const recorded = async (name: string): Promise<Buffer> => server.recorded(`${name}.http`);

failOnLeftovers();
