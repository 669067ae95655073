import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { resetToBegin } from '../../harness/reset.js';
import { saveStarted } from '../../harness/save-started.js';
import { stepOf } from '../../harness/ends.js';
import { type TableLock, lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

type Words = ExtractArticleResult['words'];

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
});
afterAll(() => house.close());

const post = (path: string, body?: object) => house.ask<Job>('POST', path, body);
const seen = async (id: string) => {
  const { body, headers } = await house.ask<Job>('GET', `/v1/jobs/${id}`);
  return { job: body, etag: headers['etag'] };
};
const finished = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done);
const lock = (table: 'words' | 'event_logs'): Promise<TableLock> =>
  lockTable(house.env['DATABASE_URL'] ?? '', table);

const inOrder = (words: readonly { word: string; translation: string | null }[]) =>
  words.map(({ word, translation }) => `${word}: ${translation}`).toSorted();

/** The words that a job and its retries have in the table. */
const savedBy = async (id: string) =>
  inOrder(
    await house.db
      .selectFrom('words')
      .select(['word', 'translation'])
      .where(sql<boolean>`starts_with(job_id, ${id})`)
      .execute(),
  );
const told = ({ result }: Job) => inOrder((result as ExtractArticleResult).words);

/** Nobody waits in the table of words any more: the save has come to its end, whatever that was. */
const saveOver = () =>
  until(
    async () => {
      const { rows } = await sql<{ busy: number }>`
        select count(*)::integer as busy from pg_stat_activity
        where datname = current_database() and application_name = 'longhaul-worker' and xact_start is not null`.execute(
        house.db,
      );
      return rows[0]?.busy === 0;
    },
    { what: 'no worker is in a transaction' },
  );

/** Long enough to be no quick save. */
const saveWaits = () =>
  until(
    async () => {
      const { rows } = await sql<{ waits: boolean }>`
        select exists (select from pg_stat_activity
          where datname = current_database() and application_name = 'longhaul-worker'
            and wait_event_type = 'Lock' and query_start < now() - interval '100 ms') as waits`.execute(
        house.db,
      );
      return rows[0]?.waits;
    },
    { what: 'the save has waited' },
  );

describe('a save that waits for a lock while its job is ended', () => {
  it.each([
    ['by force', 'de', (id: string) => post(`/v1/jobs/${id}/cancel`, { mode: 'force' })],
    ['by an operator', 'it', (id: string) => house.temporal.workflow.getHandle(id).terminate('by hand')],
  ])('%s saves nothing, and changes nothing of the job', async (_, targetLang, end) => {
    const held = await lock('words');
    const { id } = await house.submit({ wordCount: 4, targetLang });
    await saveStarted(house, id);
    // First: after 10 s the save gives up waiting.
    await saveWaits();
    await end(id);
    const job = await finished(id);
    const before = await seen(id);
    expect(stepOf(job, 'save').status).toBe('cancelled');
    await held.release();
    await saveOver();
    expect(await savedBy(id)).toEqual([]);
    expect(await seen(id)).toEqual(before);
    // A retry saves what the ended job did not.
    const retry = await finished((await post(`/v1/jobs/${id}/retry`)).body.id);
    expect(retry.status).toBe('succeeded');
    expect(await savedBy(id)).toEqual(told(retry));
    expect(await seen(id)).toEqual(before);
  });
});

async function waiting(id: string): Promise<Words> {
  const job = await house.jobWhen(id, 'it waits', ({ waitingFor }) => !!waitingFor[0]?.data);
  const { words } = (job.waitingFor[0]?.data ?? { words: [] }) as { words: Words };
  return words;
}
const review = (id: string, words: Words) =>
  post(`/v1/jobs/${id}/input`, { name: 'review', value: { words } });
const renamed = (words: Words): Words =>
  words.slice(1).map((word) => ({ ...word, translation: `${word.translation ?? ''} (otherwise)` }));

describe('what a review has saved', () => {
  it('before its job was ended by force is replaced by what the retry is reviewed to', async () => {
    const { id } = await house.submit({ review: true, wordCount: 5, targetLang: 'nl' });
    const words = await waiting(id);
    // The save commits, and its word of that waits.
    const held = await lock('event_logs');
    const answered = review(id, words);
    const receipt = house.db.selectFrom('receipts').select('outcome').where('root_job_id', '=', id);
    await until(
      () => receipt.where('step', '=', 'save').where('outcome', 'is not', null).executeTakeFirst(),
      {
        what: 'the save has committed',
      },
    );
    await post(`/v1/jobs/${id}/cancel`, { mode: 'force' });
    await held.release();
    await answered;
    const ended = await finished(id);
    expect(ended.status).toBe('terminated');
    expect(stepOf(ended, 'save').status).toBe('succeeded');
    expect(await savedBy(id)).toHaveLength(words.length);

    const { body: retry } = await post(`/v1/jobs/${id}/retry`);
    const otherwise = renamed(await waiting(retry.id));
    await review(retry.id, otherwise);
    const job = await finished(retry.id);
    expect(job).toMatchObject({
      status: 'succeeded',
      result: { newWords: otherwise.length, updatedWords: 0 },
    });
    expect(await savedBy(id)).toEqual(told(job));
  });

  it('is replaced by what the job is reviewed to once an operator has reset it', async () => {
    const { id } = await house.submit({ review: true, wordCount: 5, targetLang: 'pt' });
    await review(id, await waiting(id));
    const first = await finished(id);
    expect(await savedBy(id)).toEqual(told(first));
    await resetToBegin(house.temporal, id);
    await house.jobWhen(id, 'it waits again', ({ status }) => status === 'waiting');
    const otherwise = renamed(await waiting(id));
    await review(id, otherwise);
    const job = await house.jobWhen(id, 'it has ended again', ({ done }) => done);
    expect(told(job)).not.toEqual(told(first));
    expect(await savedBy(id)).toEqual(told(job));
  });
});

failOnLeftovers();
