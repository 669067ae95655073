import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { endsOf, stepOf, unanimous } from '../harness/ends.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { lockTable } from '../harness/table-lock.js';
import { until } from '../harness/until.js';

// Temporal believes in a save whose worker is dead for as long as an attempt may take: 30 s.
jest.setTimeout(90_000);

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** Kills the worker when the words are saved and before Temporal has heard of it. */
async function loseTheAnswerOfTheSave(): Promise<string> {
  const worker = await house.startWorker();
  const url = house.env['DATABASE_URL'] ?? '';
  const words = await lockTable(url, 'words');
  const { id } = await house.submit();
  await until(
    () =>
      house.db
        .selectFrom('events')
        .select('seq')
        .where('job_id', '=', id)
        .where('step', '=', 'save')
        .executeTakeFirst(),
    { what: 'the save has begun and waits for the lock' },
  );
  // A step's events are flushed before its result is handed over: held up, they hold up the result.
  const logs = await lockTable(url, 'event_logs');
  await words.release();
  await until(
    () =>
      house.db
        .selectFrom('receipts')
        .select('outcome')
        .where('root_job_id', '=', id)
        .where('step', '=', 'save')
        .executeTakeFirst(),
    { what: 'the save has committed' },
  );
  await worker.kill();
  await logs.release();
  return id;
}

it('a cancel after the save has committed and its answer is lost ends as the receipt says', async () => {
  const id = await loseTheAnswerOfTheSave();
  const { pendingActivities } = (await house.temporal.workflow.getHandle(id).describe()).raw;
  expect(pendingActivities).toMatchObject([{ activityId: 'save' }]);

  const { status } = await house.request('POST', `/v1/jobs/${id}/cancel`, { reason: 'too late' });
  expect(status).toBe(202);
  expect(await house.job(id)).toMatchObject({ status: 'cancelling', done: false });
  await house.startWorker();

  const { job, ...ends } = await endsOf(house, id, 60_000);
  expect(ends).toEqual(unanimous.succeeded(5));
  expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
  expect(stepOf(job, 'save').status).toBe('succeeded');
});

failOnLeftovers();
