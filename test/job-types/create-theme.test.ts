import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../../job-types/contract/job.js';
import { type CreateThemeResult, createTheme } from '../../job-types/create-theme.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { saidWords } from '../harness/said-words.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'rules' });
  await house.startWorker();
});
afterAll(() => house.close());

const usual = { sourceLang: 'Dutch', targetLang: 'English', wordCount: 5 };
const end = async (theme: string, more: object = {}): Promise<{ job: Job; result: CreateThemeResult }> => {
  const { id } = await house.submitJob('createTheme', { ...usual, theme, ...more });
  const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
  return { job, result: job.result as CreateThemeResult };
};
const lastQuestion = () => JSON.stringify(house.models.calls.at(-1)?.body);
const wordsOf = async (theme: string) => {
  const { body } = await house.ask<{ items: { word: string }[] }>(
    'GET',
    `/v1/words?${new URLSearchParams({ theme }).toString()}`,
  );
  return body.items.map(({ word }) => word).toSorted();
};

describe('createTheme', () => {
  it('saves words for a theme that is new', async () => {
    house.models.next('answer', { text: saidWords({ mes: 'knife', vork: 'fork' }, { relatedTheme: null }) });
    const { job, result } = await end('In the kitchen');
    expect(job).toMatchObject({ status: 'succeeded', failure: null, progress: { percent: 100 } });
    expect(job.steps.map(({ name, status }) => [name, status])).toEqual([
      ['recall', 'succeeded'],
      ['generate', 'succeeded'],
      ['save', 'succeeded'],
    ]);
    expect(result).toMatchObject({
      theme: 'In the kitchen',
      relatedTheme: null,
      newWords: 2,
      updatedWords: 0,
      provider: 'openai/answer',
    });
    expect(await wordsOf('In the kitchen')).toEqual(['mes', 'vork']);
  });

  it('avoids the words of a related theme, and saves under that', async () => {
    house.models.next('answer', {
      text: saidWords({ mes: 'knife', pan: 'pan' }, { relatedTheme: 'In the kitchen' }),
    });
    const { job, result } = await end('Cooking');
    expect(lastQuestion()).toContain('In the kitchen');
    expect(lastQuestion()).toContain('vork');
    expect(result).toMatchObject({
      theme: 'In the kitchen',
      relatedTheme: 'In the kitchen',
      newWords: 1,
      updatedWords: 0,
      words: [{ word: 'pan' }],
    });
    expect(job.steps[1]?.notes).toEqual(['Dropped 1 word, in the theme already: "mes".']);
    expect(await wordsOf('In the kitchen')).toEqual(['mes', 'pan', 'vork']);
    expect(await wordsOf('Cooking')).toEqual([]);
  });

  it('knows nothing of themes in other languages', async () => {
    house.models.next('answer', {
      text: saidWords({ mes: 'couteau' }, { relatedTheme: 'In the kitchen' }),
    });
    const { job, result } = await end('Eating', { targetLang: 'French' });
    expect(lastQuestion()).not.toContain('In the kitchen');
    expect(result).toMatchObject({ theme: 'Eating', relatedTheme: null, newWords: 1 });
    expect(job.steps[1]?.notes).toEqual(['Dropped 1 related theme, not there: "In the kitchen".']);
  });

  it('asks again when the answer has nothing new, and is malformed after the third', async () => {
    for (let n = 1; n <= 3; n += 1) {
      house.models.next('answer', { text: saidWords({ mes: 'knife' }, { relatedTheme: null }) });
    }
    const { job } = await end('in the KITCHEN');
    expect(job).toMatchObject({
      status: 'failed',
      failure: { code: 'malformed-answer', step: 'generate', attempt: 3 },
    });
    expect(job.failure?.detail).toContain('named no Dutch word that "In the kitchen" does not hold already');
  });

  it('asks a retry the same question, whatever was saved meanwhile, and so pays for no answer twice', async () => {
    house.models.next('wrong-key');
    const { job } = await end('Music');
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'provider-key-refused' } });
    const first = lastQuestion();
    house.models.next('answer', { text: saidWords({ fiets: 'bicycle' }, { relatedTheme: null }) });
    await end('Traffic');
    house.models.next('answer', { text: saidWords({ trommel: 'drum' }, { relatedTheme: null }) });
    const { body } = await house.ask<Job>('POST', `/v1/jobs/${job.id}/retry`);
    const retried = await house.jobWhen(body.id, 'the retry is done', ({ done }) => done);
    expect(retried).toMatchObject({ status: 'succeeded', retryOf: job.id });
    expect(lastQuestion()).toBe(first);
  });

  it.each<[string, object, string]>([
    ['no theme', { theme: '' }, '/input/theme'],
    ['too long a theme', { theme: 'x'.repeat(201) }, '/input/theme'],
    ['too many words', { wordCount: 1001 }, '/input/wordCount'],
    ['the built-in rules', { model: 'rules' }, '/input/model'],
  ])('is refused with %s', async (_, more, pointer) => {
    const body = { type: 'createTheme', input: { ...createTheme.example, ...more } };
    expect(await house.ask('POST', '/v1/jobs', body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer }] },
    });
  });
});

failOnLeftovers();
