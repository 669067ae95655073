import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { anyText } from '../../activities/providers/answer-form.js';
import { createModels } from '../../activities/providers/model.js';
import { type Patience, createSilenceLimit } from '../../activities/providers/silence-limit.js';
import { type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { cost, done, ended, event, rawAnswer, said } from '../harness/provider-answers.js';

let server: CaseServer;

beforeAll(async () => {
  server = await startCaseServer();
});
afterAll(() => server.close());

function ask(answer: string, patience: Patience) {
  server.add('any', answer, { pace: '0.2s', afterwards: 'stay-open' });
  const models = createModels({ MODEL: 'openai/any', MODELS: [], OPENAI_BASE_URL: server.models }, patience);
  return models.ask({
    model: 'openai/any',
    prompt: 'Hello',
    form: anyText,
    longestAnswer: 1_000,
    longestLoop: 2_000,
    mostTokens: 5_000,
    signal: new AbortController().signal,
  });
}

const patient: Patience = { firstMs: 100, nextMs: 60_000 };
const comments = ': keep-alive\n\n'.repeat(10);
const whole = [said('Hello.'), ended(), cost, done].map(event).join('');

it('a server that only gives signs of life may take as long as one that gives none', async () => {
  const patience = { firstMs: 20_000, nextMs: 1_000 };
  expect((await ask(rawAnswer(comments + whole), patience)).text).toBe('Hello.');
});

it('bytes that are no words keep an answer going', async () => {
  const begun = event(said('Hel')) + comments;
  const patience = { firstMs: 20_000, nextMs: 1_500 };
  const { text } = await ask(rawAnswer(begun + event(said('lo.')) + event(ended()) + event(done)), patience);
  expect(text).toBe('Hello.');
});

it.each<[what: string, answer: string, Patience, sentence: string, limitMs: number]>([
  ['nothing at all', '', { firstMs: 600, nextMs: 100 }, 'said nothing for', 600],
  [
    'signs of life alone',
    rawAnswer(comments),
    { firstMs: 900, nextMs: 100 },
    'gave signs of life and no answer for',
    900,
  ],
  [
    'half an answer',
    rawAnswer(event(said('Hel'))),
    { firstMs: 20_000, nextMs: 700 },
    'said nothing more for',
    700,
  ],
  [
    'an answer without an end',
    rawAnswer(event(said('Hel')) + comments.repeat(10)),
    { firstMs: 20_000, nextMs: 5_000, wholeMs: 1_200 },
    'was still answering after',
    1_200,
  ],
])('the failure tells the time that has passed: %s', async (_, answer, patience, sentence, limitMs) => {
  const from = performance.now();
  const failure = await failureOf(ask(answer, patience));
  const passed = (performance.now() - from) / 1_000;
  expect(failure).toMatchObject({ code: 'provider-timed-out' });
  expect(failure.message).toMatch(new RegExp(`^openai/any ${sentence} [0-9.]+ seconds\\.$`));
  const told = Number(/([0-9.]+) seconds/.exec(failure.message)?.[1]);
  expect(told).toBeGreaterThanOrEqual(limitMs / 1_000 - 0.1);
  expect(told).toBeLessThanOrEqual(passed + 0.1);
});

it('what came while this process was held up is in time, and a server that says nothing even then is not', async () => {
  const [heard, unheard] = [createSilenceLimit(patient), createSilenceLimit(patient)];
  const came = stat(import.meta.filename).then(() => heard.began());
  const until = performance.now() + 600;
  while (performance.now() < until);
  await came;
  expect(heard.signal.aborted).toBe(false);
  await once(unheard.signal, 'abort');
  heard.stop();
  unheard.stop();
});

failOnLeftovers();
