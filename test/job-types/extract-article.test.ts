import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ExtractArticleResult } from '../../job-types/extract-article.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
}, 60_000);
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
});

failOnLeftovers();
