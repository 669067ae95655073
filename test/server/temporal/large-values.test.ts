import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { Word } from '../../../job-types/fields/word.js';
import { JobStarter } from '../../../src/jobs/job-starter.js';
import { largestInline } from '../../../src/temporal/data-converter.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { historyPayloads } from '../../harness/history-payloads.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { reviewed, thousand, waitingWithThousand } from '../../harness/thousand-words.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(180_000);

let house: House;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse();
  worker = await house.startWorker();
});
afterAll(() => house.close());

const waiting = (targetLang: string) => waitingWithThousand(house, targetLang);
const answer = <T = Job>(job: Job, words: readonly Word[]) => reviewed<T>(house, job, words);
const rows = () => house.db.selectFrom('large_values').select('hash').execute();

it('a usual job travels by value', async () => {
  const { id } = await house.submit();
  expect(await endsOf(house, id)).toMatchObject(unanimous.succeeded(5));
  expect(await historyPayloads(house.temporal, id)).toMatchObject({ references: 0 });
  expect(await rows()).toEqual([]);
});

it('what describe tells of a job is in Temporal, however much its client has noted', async () => {
  const note = '\u0001';
  const entries = Array.from({ length: 16 }, (_, n) => [
    note.repeat(63) + String.fromCharCode(n + 1),
    note.repeat(500),
  ]);
  const metadata = Object.fromEntries(entries) as Record<string, string>;
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'sv', wordCount: 5 };
  const asked = { type: 'extractArticle', input, metadata };
  const { body: job } = await house.start(asked);
  const { job: end } = await endsOf(house, job.id);
  expect(end).toMatchObject({ status: 'succeeded', metadata });
  expect(await historyPayloads(house.temporal, job.id)).toMatchObject({ references: 0 });
});

describe('a job with a thousand words', () => {
  it('shows them, takes an answer as large, and keeps its history small', async () => {
    const job = await waiting('fr');
    expect(job.waitingFor[0]?.data).toEqual({ words: thousand });
    const edited = thousand.map((word) => ({ ...word, translation: `${word.translation ?? ''}, edited` }));
    expect((await answer(job, edited)).status).toBe(200);
    const { job: end, ...ends } = await endsOf(house, job.id);
    expect(ends).toEqual(unanimous.succeeded(1000));
    expect(end.result).toMatchObject({ newWords: 1000, updatedWords: 0, words: edited });
    const { body } = await house.ask<ExtractArticleResult>('GET', `/v1/jobs/${job.id}/result`);
    expect(body.words).toEqual(edited);
    const saved = await house.db
      .selectFrom('words')
      .select(['word', 'translation'])
      .where('job_id', '=', job.id)
      .execute();
    expect(new Map(saved.map(({ word, translation }) => [word, translation]))).toEqual(
      new Map(edited.map(({ word, translation }) => [word, translation])),
    );

    expect((await answer(job, edited)).status).toBe(200);
    const other = await answer<Failure>(job, thousand);
    expect([other.status, other.body.code]).toEqual([409, 'not-waiting']);

    const { largest, references } = await historyPayloads(house.temporal, job.id);
    expect(largest).toBeLessThan(largestInline);
    expect(references).toBeGreaterThanOrEqual(4);
  });

  it('goes on with a new worker, to which its history is told from the start', async () => {
    const job = await waiting('de');
    await worker.kill();
    worker = await house.startWorker();
    // Temporal waits for the worker that is gone first, for 10 s.
    await until(async () => (await answer(job, thousand.slice(1))).status === 200, {
      what: 'the answer is taken',
    });
    const { job: end, ...ends } = await endsOf(house, job.id);
    expect(ends).toEqual(unanimous.succeeded(999));
    expect((end.result as ExtractArticleResult).words).toEqual(thousand.slice(1));
  });

  it('is retried without paying for them again', async () => {
    const job = await waiting('it');
    const calls = house.models.calls.length;
    await house.ask('POST', `/v1/jobs/${job.id}/cancel`);
    await endsOf(house, job.id);
    await house.ask('POST', `/v1/jobs/${job.id}/retry`);
    const again = await house.jobWhen(`${job.id}.r1`, 'it waits', ({ waitingFor }) =>
      Boolean(waitingFor[0]?.data),
    );
    expect(again.waitingFor[0]?.data).toEqual({ words: thousand });
    expect(house.models.calls).toHaveLength(calls);
    await house.ask('POST', `/v1/jobs/${again.id}/cancel`);
    expect((await endsOf(house, again.id)).api).toBe('cancelled');
  });
});

it('a job is retried whose input is large', async () => {
  const id = `job_${crypto.randomUUID()}`;
  const prompt = 'Verbs of motion. '.repeat(6_000);
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'pt', wordCount: 5, prompt };
  house.models.next('quota-exhausted');
  await house.api.get(JobStarter).start({
    id,
    type: 'extractArticle',
    args: { owner: 'local', input },
    memo: { owner: 'local', tags: [], metadata: {} },
  });
  expect((await endsOf(house, id)).api).toBe('failed');
  const { status } = await house.ask('POST', `/v1/jobs/${id}/retry`);
  expect(status).toBe(202);
  const { job: _, ...ends } = await endsOf(house, `${id}.r1`);
  expect(ends).toEqual(unanimous.succeeded(5));
  expect(JSON.stringify(house.models.calls.at(-1)?.body)).toContain(prompt.trim());
  for (const run of [id, `${id}.r1`]) {
    const { largest, references } = await historyPayloads(house.temporal, run);
    expect(references).toBeGreaterThanOrEqual(1);
    expect(largest).toBeLessThan(largestInline);
  }
});

it('what looks like a reference in a request is only text', async () => {
  const job = await waiting('nl');
  const [row] = await rows();
  const claimData = { sha256: row?.hash.toString('base64url') };
  const reference = JSON.stringify({ driverName: 'longhaul', claimData });
  const rest = { lemma: null, partOfSpeech: null, gender: null, examples: [] };
  const word: Word = { word: 'palabra', translation: reference, ...rest };
  expect((await answer(job, [word])).status).toBe(200);
  const { job: end } = await endsOf(house, job.id);
  expect((end.result as ExtractArticleResult).words).toEqual([word]);
});

failOnLeftovers();
