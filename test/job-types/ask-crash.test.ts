import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../job-types/contract/job.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { lockTable } from '../harness/table-lock.js';
import { until } from '../harness/until.js';

// A silent worker is noticed after 10 s.
jest.setTimeout(180_000);

const patienceMs = 120_000;
const prompt = `Frogs ${'and so on '.repeat(60)}`;

/** Two houses, so that the long waits pass at the same time. */
let midway: House;
let late: House;
let jobs: { midway: Job; late: Job };

beforeAll(async () => {
  [midway, late] = await Promise.all([openHouse(), openHouse()]);
  const ended = await Promise.all([killTheWorkerMidway(), killTheWorkerLate()]);
  jobs = { midway: ended[0], late: ended[1] };
});
afterAll(() => Promise.all([midway.close(), late.close()]));

async function begun(house: House): Promise<string> {
  const { id } = await house.submitJob('ask', { prompt });
  await until(() => (house.models.calls[0]?.bytesSent ?? 0) > 200, {
    what: 'the model has begun to answer',
    limitMs: patienceMs,
  });
  return id;
}

/** Another worker takes over. */
async function endedElsewhere(house: House, id: string): Promise<Job> {
  await house.startWorker();
  return house.jobWhen(id, 'the job is done', ({ done }) => done, patienceMs);
}

async function killTheWorkerMidway(): Promise<Job> {
  const worker = await midway.startWorker();
  midway.models.next('hang-mid-stream');
  const id = await begun(midway);
  await worker.kill();
  return endedElsewhere(midway, id);
}

/** Kills the worker when the answer is kept and before Temporal has heard of it. */
async function killTheWorkerLate(): Promise<Job> {
  const worker = await late.startWorker();
  // Long enough for the lock below to be there before the answer is.
  late.models.next('slow', { durationMs: 10_000 });
  const id = await begun(late);
  // A step's events are flushed before its result is handed over: held up, they hold up the result.
  const logs = await lockTable(late.env['DATABASE_URL'] ?? '', 'event_logs');
  const receipt = late.db.selectFrom('receipts').select('outcome').where('root_job_id', '=', id);
  await until(() => receipt.executeTakeFirst(), { what: 'the answer is kept', limitMs: patienceMs });
  await worker.kill();
  await logs.release();
  return endedElsewhere(late, id);
}

describe('a worker that is killed', () => {
  it('in the middle of an answer has its job asked again, by another', () => {
    expect(jobs.midway).toMatchObject({ status: 'succeeded', result: { text: `You said: ${prompt}` } });
    expect(jobs.midway.steps[0]).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(midway.models.calls.map(({ finished }) => finished)).toEqual([false, true]);
  });

  it('after the answer, before anybody heard of it, costs no second one', () => {
    expect(jobs.late).toMatchObject({ status: 'succeeded', result: { text: `You said: ${prompt}` } });
    expect(jobs.late.steps[0]).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(late.models.calls).toHaveLength(1);
  });
});

failOnLeftovers();
