import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Database } from '../../../store/database.js';
import { type Events, type NewEvent, createEvents } from '../../../store/events.js';
import { migrate } from '../../../store/migrations.js';
import { createCancellations } from '../../../store/cancellations.js';
import { createOutcomes } from '../../../store/outcomes.js';
import { type Receipts, ReceiptVoided, RunEnded, createReceipts } from '../../../store/receipts.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let events: Events;
let receipts: Receipts;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 8);
  await migrate(db);
  events = createEvents(db);
  receipts = createReceipts(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const newJob = () => `job_${randomUUID()}`;
const time = new Date().toISOString();

const record = (jobId: string, runId: string, status: 'succeeded' | 'terminated' = 'terminated') =>
  createOutcomes(db).put(
    { jobId, runId, type: 'extractArticle', owner: 'local', status, job: { outcome: {} }, finishedAt: time },
    { fromOutside: { rootJobId: jobId } },
  );

/** What the steps and the frame of a run tell. */
const of = (run: string) => ({
  begins: (): NewEvent => ({ key: `${run}/running`, type: 'job.running', time }),
  step: (type: NewEvent['type'], n = 1): NewEvent => ({
    key: `${run}/save/1/${n}`,
    type,
    time,
    step: 'save',
    attempt: 1,
    scope: `${run}/save`,
  }),
  end: (): NewEvent => ({ key: 'end', run, type: 'end', time, data: { run } }),
});

const log = async (jobId: string) =>
  (await events.list(jobId, { after: 0, limit: 100 })).map(({ seq, type }) => `${seq} ${type}`);

describe('the log of a job', () => {
  const [one, two] = [of('run-1'), of('run-2')];

  it('takes nothing from the steps of a run whose end is recorded', async () => {
    const job = newJob();
    await events.append(job, [one.begins(), one.step('step.started')]);
    await record(job, 'run-1');
    await events.append(job, [one.step('step.succeeded', 2)]);
    await events.append(job, [one.end()]);
    expect(await log(job)).toEqual(['1 job.running', '2 step.started', '3 end']);
  });

  it('that has ended goes on with a new run, and has one end, which is the last', async () => {
    const job = newJob();
    await events.append(job, [one.begins(), one.end()]);
    await events.append(job, [one.step('step.started')]);
    expect(await log(job)).toEqual(['1 job.running', '2 end']);
    await events.append(job, [two.begins(), two.step('step.started')]);
    expect(await log(job)).toEqual(['1 job.running', '2 job.running', '3 step.started']);
    await events.append(job, [two.end()]);
    expect(await log(job)).toEqual(['1 job.running', '2 job.running', '3 step.started', '4 end']);
  });

  it('has the end of the new run in place of the old one when the new run has told nothing', async () => {
    const job = newJob();
    await events.append(job, [one.begins(), one.end()]);
    await record(job, 'run-2');
    await events.append(job, [two.end()]);
    expect(await log(job)).toEqual(['1 job.running', '2 end']);
    const [, end] = await events.list(job, { after: 0, limit: 10 });
    expect(end?.data).toEqual({ run: 'run-2' });
  });

  it('takes nothing from a run that another has followed', async () => {
    const job = newJob();
    await events.append(job, [one.begins(), two.begins()]);
    await events.append(job, [one.step('step.succeeded'), one.end(), two.step('step.started')]);
    expect(await log(job)).toEqual(['1 job.running', '2 job.running', '3 step.started']);
  });

  it('tells of the text of one run alone', async () => {
    const job = newJob();
    const says = (run: string, text: string): NewEvent => ({
      ...of(run).step('output.delta', 2),
      data: { text },
    });
    await events.append(job, [one.begins(), says('run-1', 'old'), two.begins()]);
    expect((await events.said({ jobId: job, runId: 'run-2' })).output).toBeNull();
    await events.append(job, [says('run-2', 'new')]);
    expect((await events.said({ jobId: job, runId: 'run-2' })).output?.text).toBe('new');
  });
});

describe('an effect', () => {
  const [a, b] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
  const at = (jobId: string, runId: string, fingerprint = a) => ({
    rootJobId: jobId,
    step: 'save',
    runId,
    fingerprint,
    writer: { jobId, runId, isOpen: async () => true },
  });

  it('happens again for another input, and only then', async () => {
    const job = newJob();
    expect(await receipts.once(at(job, 'run-1'), async () => 'one')).toBe('one');
    expect(await receipts.once(at(job, 'run-2'), async () => 'two')).toBe('one');
    const seen: boolean[] = [];
    const write = async (_: unknown, instead: boolean) => {
      seen.push(instead);
      return 'other';
    };
    expect(await receipts.once(at(job, 'run-3', b), write)).toBe('other');
    expect(await receipts.once(at(job, 'run-3', b), write)).toBe('other');
    expect(seen).toEqual([true]);
  });

  it('of an earlier run with another input is not what a run that gives up has done', async () => {
    const job = newJob();
    await receipts.once(at(job, 'run-1'), async () => 'one');
    const key = { rootJobId: job, step: 'save', runId: 'run-2' };
    expect(await receipts.settle(key)).toBeNull();
    await expect(receipts.once(at(job, 'run-2', b), async () => 'late')).rejects.toThrow(ReceiptVoided);
    expect(await receipts.find(key)).toMatchObject({ outcome: 'one' });
    expect(await receipts.once(at(job, 'run-3', b), async () => 'three')).toBe('three');
  });

  it.each([
    ['once its end is recorded', (job: string) => record(job, 'run-1')],
    [
      'once it is to be ended by force',
      (job: string) =>
        createCancellations(db).request({
          jobId: job,
          runId: 'run-1',
          mode: 'force',
          reason: null,
          gracePeriod: 0,
          by: null,
        }),
    ],
  ])('of a run does not come %s, also when it was under way', async (_, end) => {
    const job = newJob();
    const late = receipts.once(at(job, 'run-1'), async () => {
      await end(job);
      return 'late';
    });
    await expect(late).rejects.toThrow(RunEnded);
    expect(await receipts.find(at(job, 'run-1'))).toBeNull();
    // A retry, whose run is another one, is free to do it.
    expect(await receipts.once(at(job, 'run-2'), async () => 'again')).toBe('again');
  });

  it('of a run that Temporal has closed does not come when it took its time', async () => {
    const job = newJob();
    const writer = { jobId: job, runId: 'run-1', isOpen: async () => false };
    const slow = receipts.once({ ...at(job, 'run-1'), writer }, async (trx) => {
      await sql`select pg_sleep(0.3)`.execute(trx);
      return 'late';
    });
    await expect(slow).rejects.toThrow(RunEnded);
  });

  it('that came before the end was recorded is told as done, though its worker never said so', async () => {
    const job = newJob();
    await events.append(job, [of('run-1').begins(), of('run-1').step('step.started')]);
    await receipts.once(at(job, 'run-1'), async () => 'done');
    await record(job, 'run-1');
    expect(await log(job)).toEqual(['1 job.running', '2 step.started', '3 step.succeeded']);
  });
});

describe('the record of an end', () => {
  const recorded = (id: string) => createOutcomes(db).find<{ n: number }>(id);
  const put = (jobId: string, runId: string, n: number) =>
    createOutcomes(db).put({
      ...{ jobId, runId, type: 'extractArticle', owner: 'local', status: 'succeeded' },
      ...{ job: { n }, finishedAt: time },
    });

  it('is written once, and again only for the end of another run', async () => {
    const job = newJob();
    await put(job, 'run-1', 1);
    await put(job, 'run-1', 2);
    expect((await recorded(job))?.job).toEqual({ n: 1 });
    await put(job, 'run-2', 3);
    expect((await recorded(job))?.job).toEqual({ n: 3 });
  });
});

failOnLeftovers();
