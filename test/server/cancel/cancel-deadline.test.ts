import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { endsOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
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
  let asked = 0;
  const ask = async () => {
    asked += 1;
    const answer = await fetch(`${url}/v1/jobs/${id}/cancel`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(request),
    });
    return { status: answer.status, job: (await answer.json()) as Job };
  };
  // A database that was late leaves the cancel without a deadline, which it gets by being repeated.
  const { status, job } = await whileBusy(ask, (answer) =>
    answer.status === 202 && answer.job.cancel?.deadline === null ? 503 : answer.status,
  );
  expect(asked === 1 ? [202] : [200, 202]).toContain(status);
  return job;
}

/**
 * What comes of the first round in which no job stops by itself. A save gives its attempt up after 11 s, and a cancel then
 * ends the job between two. On a busy machine the end by force may come later than that.
 */
async function unstopped<T>(round: () => Promise<T>, jobsOf: (result: T) => readonly Job[]): Promise<T> {
  for (let rounds = 1; ; rounds += 1) {
    const result = await round();
    if (rounds === 5 || jobsOf(result).every(({ status }) => status !== 'cancelled')) return result;
  }
}

const row = (id: string) =>
  house.db.selectFrom('cancellations').selectAll().where('job_id', '=', id).executeTakeFirst();

const settled = (id: string) =>
  until(async () => (await row(id))?.settled_at, { what: 'the cancellation is settled' });

const endedByForce = { api: 'terminated', temporal: 'TERMINATED', archive: 'terminated', savedWords: 0 };

describe('a job that does not stop', () => {
  it('is ended when its time is up, though the API that took the cancel was killed', async () => {
    const late: number[] = [];
    const round = async () => {
      const doomed = await anotherApi();
      const id = await unstoppableJob();
      const { cancel } = await cancelOver(doomed.url, id, { gracePeriod: 1.5, reason: 'too slow' });
      await doomed.kill();
      const { job, ...ends } = await endsOf(house, id);
      return { job, ends, cancel };
    };
    const least = await leastMs(promptMs, async () => {
      const { job, ends, cancel } = await unstopped(round, (result) => [result.job]);
      expect(ends).toEqual(endedByForce);
      expect(job.cancel).toEqual({ ...cancel, escalated: true });
      expect(await settled(job.id)).toBeInstanceOf(Date);
      const lateMs = Date.parse(job.finishedAt ?? '') - Date.parse(cancel?.deadline ?? '');
      late.push(lateMs);
      return lateMs;
    });
    expect(Math.min(...late)).toBeGreaterThanOrEqual(-50);
    expect(least).toBeLessThan(promptMs);
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
      expect(['cancelling', 'cancelled']).toContain((await house.job(id)).status);
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
    const round = async () => {
      const ids = await Promise.all(Array.from({ length: 5 }, unstoppableJob));
      await Promise.all(ids.map((id) => cancelOver(house.url, id, { gracePeriod: 0.5 })));
      return Promise.all(ids.map((id) => endsOf(house, id)));
    };
    for (const { job, ...ends } of await unstopped(round, (all) => all.map((end) => end.job))) {
      expect(ends).toEqual(endedByForce);
      expect(job.cancel?.escalated).toBe(true);
      await settled(job.id);
    }
  });

  it('is left alone when its time was for a run that an operator has since reset', async () => {
    const id = await unstoppableJob();
    const { cancel } = await cancelOver(house.url, id, { gracePeriod: 2 });
    await resetToBegin(house.temporal, id);
    await settled(id);
    expect(Date.now()).toBeGreaterThan(Date.parse(cancel?.deadline ?? ''));
    const job = await house.jobWhen(id, 'the new run has begun', ({ status }) => status === 'running');
    expect(job.cancel).toBeNull();
    await house.temporal.workflow.getHandle(id).terminate();
  });
});

describe('a request that reached the database and not Temporal', () => {
  it('is sent when it is due, and the job then gets its whole time', async () => {
    /** Asked to stop, the job has a second, which a busy machine may sleep through: it is then seen when it has ended. */
    const round = async () => {
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
      const asked = ({ status, done }: Job) => status === 'cancelling' || done;
      const seen = await house.jobWhen(id, 'the job was asked to stop', asked);
      return { seen, end: (await endsOf(house, id)).job };
    };
    let { seen, end } = await round();
    for (let rounds = 1; rounds < 5 && (seen.done || end.status === 'cancelled'); rounds += 1) {
      ({ seen, end } = await round());
    }
    expect(seen).toMatchObject({
      status: 'cancelling',
      cancel: { reason: 'lost on the way', escalated: false },
    });
    expect(end).toMatchObject({ status: 'terminated', cancel: { escalated: true } });
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
