import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { anyText } from '../../activities/providers/answer-form.js';
import { createModels } from '../../activities/providers/model.js';
import type { Patience } from '../../activities/providers/silence-limit.js';
import { type CaseServer, startCaseServer } from '../harness/case-server.js';
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

it.each<[string, string, Patience, RegExp]>([
  ['nothing at all', '', { firstMs: 600, nextMs: 100 }, /^openai\/any said nothing for 0\.[67] seconds\.$/],
  [
    'signs of life alone',
    rawAnswer(comments),
    { firstMs: 900, nextMs: 100 },
    /^openai\/any gave signs of life and no answer for (0\.9|1|1\.\d) seconds\.$/,
  ],
  [
    'half an answer',
    rawAnswer(event(said('Hel'))),
    { firstMs: 20_000, nextMs: 700 },
    /^openai\/any said nothing more for (0\.[6-9]|1|1\.\d) seconds\.$/,
  ],
  [
    'an answer without an end',
    rawAnswer(event(said('Hel')) + comments.repeat(10)),
    { firstMs: 20_000, nextMs: 5_000, wholeMs: 1_200 },
    /^openai\/any was still answering after 1\.\d seconds\.$/,
  ],
])('the failure tells the time that has passed: %s', async (_, answer, patience, sentence) => {
  await expect(ask(answer, patience)).rejects.toMatchObject({
    code: 'provider-timed-out',
    message: expect.stringMatching(sentence),
  });
});

failOnLeftovers();
