import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../../job-types/contract/job.js';
import { type TranslateWordsResult, translateWords } from '../../job-types/translate-words.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { saidWords } from '../harness/said-words.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'rules' });
  await house.startWorker();
});
afterAll(() => house.close());

const end = async (input: object): Promise<{ job: Job; result: TranslateWordsResult }> => {
  const { id } = await house.submitJob('translateWords', input);
  const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
  return { job, result: job.result as TranslateWordsResult };
};
const words = ['mar', 'faro', 'ola'];
const input = { words, theme: 'By the sea', sourceLang: 'Spanish', targetLang: 'French' };
const callsAbout = (text: string) =>
  house.models.calls.filter(({ body }) => JSON.stringify(body).includes(text));

describe('translateWords', () => {
  it('saves the words under their theme, as they were given', async () => {
    house.models.next('answer', { text: saidWords({ mar: 'mer', Faro: 'phare', ola: 'vague' }) });
    const { job, result } = await end(input);
    expect(job).toMatchObject({ status: 'succeeded', failure: null, progress: { percent: 100 } });
    expect(result).toMatchObject({
      theme: 'By the sea',
      newWords: 3,
      updatedWords: 0,
      missing: [],
      provider: 'openai/answer',
      words: [
        { word: 'mar', translation: 'mer' },
        { word: 'faro', translation: 'phare' },
        { word: 'ola', translation: 'vague' },
      ],
    });
    expect(job.usage?.outputTokens).toBeGreaterThan(0);
    const { body } = await house.ask<{ items: object[] }>('GET', '/v1/words?theme=By%20the%20sea');
    expect(body.items).toHaveLength(3);
    expect(body.items[0]).toMatchObject({ theme: 'By the sea', sourceUrl: null, jobId: job.id });
  });

  it('tells which words the model has not translated, and drops those that nobody asked for', async () => {
    house.models.next('answer', { text: saidWords({ mar: 'mer', tierra: 'terre' }) });
    const { job, result } = await end({ ...input, theme: 'Some', words: [...words, ' mar '] });
    expect(result).toMatchObject({ newWords: 1, missing: ['faro', 'ola'] });
    expect(job.steps[0]?.notes).toEqual([
      'Dropped 1 word, not asked for: "tierra".',
      'Not translated: "faro", "ola".',
    ]);
  });

  it('asks again when nothing that was asked for is in the answer, and saves nothing else', async () => {
    house.models.next('answer', { text: saidWords({ tierra: 'terre' }) });
    house.models.next('answer', { text: saidWords({ mar: 'mer' }) });
    const { job, result } = await end({ ...input, theme: 'Twice' });
    expect(job.steps[0]).toMatchObject({ name: 'translate', status: 'succeeded', attempt: 2 });
    expect(result.words.map(({ word }) => word)).toEqual(['mar']);
    expect(callsAbout('Twice')).toHaveLength(2);
  });

  it('is not paid for again by a retry', async () => {
    house.models.next('wrong-key');
    const { job } = await end({ ...input, theme: 'Once more' });
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'provider-key-refused' } });
    house.models.next('answer', { text: saidWords({ mar: 'mer' }) });
    const { body } = await house.ask<Job>('POST', `/v1/jobs/${job.id}/retry`);
    const retried = await house.jobWhen(body.id, 'the retry is done', ({ done }) => done);
    expect(retried).toMatchObject({ status: 'succeeded', retryOf: job.id });
    expect(callsAbout('Once more')).toHaveLength(2);
  });

  it.each<[string, object, string]>([
    ['no words', { words: [] }, '/input/words'],
    ['an empty word', { words: ['mar', ' '] }, '/input/words/1'],
    ['a word that is none', { words: ['x'.repeat(101)] }, '/input/words/0'],
    ['too many words', { words: Array.from({ length: 501 }, (_, n) => `w${n}`) }, '/input/words'],
    ['no theme', { theme: ' ' }, '/input/theme'],
    ['a language that is none', { sourceLang: 'Klingonese' }, '/input/sourceLang'],
    ['the built-in rules', { model: 'rules' }, '/input/model'],
  ])('is refused with %s', async (_, more, pointer) => {
    const body = { type: 'translateWords', input: { ...translateWords.example, ...more } };
    expect(await house.ask('POST', '/v1/jobs', body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});

failOnLeftovers();
