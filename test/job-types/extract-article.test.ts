import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
});
afterAll(() => house.close());

describe('extractArticle', () => {
  it('turns an article into saved words', async () => {
    const { id } = await house.submit();
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(job).toMatchObject({ status: 'succeeded', failure: null, progress: { percent: 100 } });
    expect(job.steps.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
      ['fetch', 'succeeded', 1],
      ['extract', 'succeeded', 1],
      ['save', 'succeeded', 1],
    ]);
    const result = job.result as ExtractArticleResult;
    expect(result).toMatchObject({ newWords: 5, updatedWords: 0, provider: 'openai/answer' });
    expect(result.words).toHaveLength(5);
  });

  it('saves nothing that its article does not say, and tells what was dropped', async () => {
    const fields = { lemma: null, partOfSpeech: null, gender: null };
    const words = [
      { ...fields, word: 'farero', translation: 'gardien', examples: ['Una frase inventada.'] },
      { ...fields, word: 'astronauta', translation: 'astronaute', examples: [] },
      { ...fields, word: 'lámpara', translation: 'lámpara', examples: [] },
    ];
    house.models.next('answer', { text: JSON.stringify({ words }) });
    const { id } = await house.submit();
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect((job.result as ExtractArticleResult).words).toEqual([
      { ...words[0], examples: [] },
      { ...words[2], translation: null },
    ]);
    expect(job.steps[1]?.notes).toEqual([
      'Dropped 1 example, not said in the text: "Una frase inventada.".',
      'Dropped 1 word, not in the text: "astronauta".',
      'Dropped 1 translation, only the word again: "lámpara".',
    ]);
  });

  it('ends a call that goes on after the last word, and is done', async () => {
    house.models.next('blank-lines');
    const { id } = await house.submit();
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(job).toMatchObject({ status: 'succeeded', usage: { estimated: true } });
    expect(job.steps[1]?.notes).toEqual([
      'openai/answer went on after its answer was complete, and was ended.',
    ]);
    await until(() => house.models.calls.at(-1)?.abandoned, { what: 'the socket is closed' });
  });
});

failOnLeftovers();
