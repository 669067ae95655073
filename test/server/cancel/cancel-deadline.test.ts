import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { endsOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { promptMs } from '../../harness/prompt.js';
import { resetToBegin } from '../../harness/reset.js';
import { type TableLock, lockTable } from '../../harness/table-lock.js';
import { saveStarted } from '../../harness/save-started.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;
let lock: TableLock;
let ownDatabase: TestDatabase;
const apis: ApiProcess[] = [];

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
  ownDatabase = await testDatabase();
  lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'words');
});
afterAll(async () => {
  await Promise.all(apis.map((api) => api.kill()));
  await lock.release();
  await house.close();
  await ownDatabase.drop();
});

/** Saves are never cut short, and the lock keeps them from ending: a cancel is heard and not followed. */
async function unstoppableJob(): Promise<string> {
  const { id } = await house.submit();
  await saveStarted(house, id);
  return id;
}

async function anotherApi(): Promise<ApiProcess> {
  const api = await startApiProcess(house.env);
  apis.push(api);
  return api;
}

async function cancelOver(url: string, id: string, request: Record<string, unknown>): Promise<Job> {
  const ask = () =>
    fetch(`${url}/v1/jobs/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
  const answer = await whileBusy(ask, ({ status }) => status);
  expect(answer.status).toBe(202);
  return (await answer.json()) as Job;
}

const row = (id: string) =>
  house.db.selectFrom('cancellations').selectAll().where('job_id', '=', id).executeTakeFirst();

const settled = (id: string) =>
  until(async () => (await row(id))?.settled_at, { what: 'the cancellation is settled' });

const endedByForce = { api: 'terminated', temporal: 'TERMINATED', archive: 'terminated', savedWords: 0 };

describe('a job that does not stop', () => {
  it('is ended when its time is up, though the API that took the cancel was killed', async () => {
    const doomed = await anotherApi();
    const id = await unstoppableJob();
    const { cancel } = await cancelOver(doomed.url, id, { gracePeriod: 1.5, reason: 'too slow' });
    await doomed.kill();
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(endedByForce);
    expect(job.cancel).toEqual({ ...cancel, escalated: true });
    const late = Date.parse(job.finishedAt ?? '') - Date.parse(cancel?.deadline ?? '');
    expect(late).toBeGreaterThanOrEqual(-50);
    expect(late).toBeLessThan(promptMs);
    expect(await settled(id)).toBeInstanceOf(Date);
  });

  it('is ended by the API that took the cancel, killed and started again, when there is no other', async () => {
    // Of a database of its own, so that the other processes here know of no deadline.
    const alone = { ...house.env, DATABASE_URL: ownDatabase.url };
    let api = await startApiProcess(alone);
    await until(async () => (await fetch(`${api.url}/readyz`)).ok, { what: 'it has made its tables' });
    const ended = async (): Promise<{ job: Job; cancel: Job['cancel'] }> => {
      // As late as can be: its save gives an attempt up after 11 s.
      const id = await unstoppableJob();
      const { cancel } = await cancelOver(api.url, id, { gracePeriod: 1 });
      await api.kill();
      await until(() => Date.now() > Date.parse(cancel?.deadline ?? '') + 500, { what: 'the time is up' });
      expect((await house.job(id)).status).toBe('cancelling');
      api = await startApiProcess(alone, api.port);
      const job = await until(
        async () => {
          const now = (await (await fetch(`${api.url}/v1/jobs/${id}`)).json()) as Job;
          return now.done && now;
        },
        { what: 'the job is ended' },
      );
      return { job, cancel };
    };
    try {
      let { job, cancel } = await ended();
      // On a machine that needs 11 s to start an API, the save has given up before, and the job has stopped by itself.
      while (job.status === 'cancelled') ({ job, cancel } = await ended());
      expect(job).toMatchObject({ status: 'terminated', cancel: { ...cancel, escalated: true } });
    } finally {
      await api.stop();
    }
  });

  it('is ended once by several processes, for all of many jobs', async () => {
    await Promise.all([anotherApi(), anotherApi()]);
    // As late as can be: a save gives its attempt up after 11 s, and a cancel ends the job between two.
    const ids = await Promise.all(Array.from({ length: 5 }, unstoppableJob));
    await Promise.all(ids.map((id) => cancelOver(house.url, id, { gracePeriod: 0.5 })));
    for (const id of ids) {
      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(endedByForce);
      expect(job.cancel?.escalated).toBe(true);
      await settled(id);
    }
  });

  it('is left alone when its time was for a run that an operator has since reset', async () => {
    const id = await unstoppableJob();
    const { cancel } = await cancelOver(house.url, id, { gracePeriod: 2 });
    await resetToBegin(house.temporal, id);
    await settled(id);
    expect(Date.now()).toBeGreaterThan(Date.parse(cancel?.deadline ?? ''));
    const { status, cancel: now } = await house.job(id);
    expect(status).toBe('running');
    expect(now).toBeNull();
    await house.temporal.workflow.getHandle(id).terminate();
  });
});

describe('a request that reached the database and not Temporal', () => {
  it('is sent when it is due, and the job then gets its whole time', async () => {
    const id = await unstoppableJob();
    const { runId } = await house.temporal.workflow.getHandle(id).describe();
    await house.db
      .insertInto('cancellations')
      .values({
        job_id: id,
        run_id: runId,
        reason: 'lost on the way',
        deadline: new Date(Date.now() + 1_000).toISOString(),
      })
      .execute();
    const job = await house.jobWhen(id, 'the job was asked to stop', ({ status }) => status === 'cancelling');
    expect(job.cancel).toMatchObject({ reason: 'lost on the way', escalated: false });
    expect((await endsOf(house, id)).job).toMatchObject({
      status: 'terminated',
      cancel: { escalated: true },
    });
  });
});

describe('a job that stops in time', () => {
  it('is not touched when the deadline comes, and its cancellation is settled', async () => {
    const stopped = await house.temporal.workflow.start('nobody', {
      workflowId: `stopped-${crypto.randomUUID()}`,
      taskQueue: 'nobody',
    });
    await stopped.terminate('by itself, so to speak');
    await house.db
      .insertInto('cancellations')
      .values({
        job_id: stopped.workflowId,
        run_id: stopped.firstExecutionRunId,
        reason: null,
        deadline: new Date().toISOString(),
      })
      .execute();
    await settled(stopped.workflowId);
    expect(await row(stopped.workflowId)).toMatchObject({ escalated: false });
  });
});

failOnLeftovers();
