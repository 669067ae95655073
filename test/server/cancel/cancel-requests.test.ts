import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CancelRequest } from '../../../src/cancel/cancel-request.js';
import type { Job } from '../../../job-types/contract/job.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { TemporalClient } from '../../../src/temporal/temporal-client.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { type HeldStatements, type Statement, holdStatements } from '../../harness/held-statements.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { lockTable } from '../../harness/table-lock.js';
import { saveStarted } from '../../harness/save-started.js';
import { countRpcs } from '../../harness/rpc-counter.js';
import { until } from '../../harness/until.js';

/** One house with a worker, and one that never has any. */
let house: House;
let deserted: House;

beforeAll(async () => {
  const models = { MODELS: 'openai/hang-mid-stream,openai/hang-before-headers' };
  [house, deserted] = await Promise.all([openHouse(models), openHouse()]);
  await house.startWorker();
});
afterAll(() => Promise.all([house.close(), deserted.close()]));

const cancel = (of: House, id: string, request: Partial<CancelRequest> = {}) =>
  of.ask<Job>('POST', `/v1/jobs/${id}/cancel`, request);

/** A cancel that is not repeated, whatever comes of it. */
const once = (id: string) =>
  house.request<Job>('POST', `/v1/jobs/${id}/cancel`, { reason: 'enough' } satisfies Partial<CancelRequest>);

/** Whether Temporal and the database have both answered before the cancel went on without them. */
const isInTime = (status: number, { cancel: kept }: Job) => status < 500 && kept?.requestedAt !== null;

/** A job whose model has begun to answer and never ends. */
async function hangingJob(): Promise<string> {
  const before = house.models.calls.length;
  const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
  await until(() => house.models.calls[before]?.bytesSent, { what: 'the model has begun to answer' });
  return id;
}

/** A job that cannot be stopped before its words are saved, which the lock forbids. */
async function unstoppableJob() {
  const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'words');
  const { id } = await house.submit();
  await saveStarted(house, id);
  return { id, lock };
}

/** When the running step's last one arrived. */
async function heartbeatOf(id: string) {
  const { raw } = await house.temporal.workflow.getHandle(id).describe();
  return raw.pendingActivities?.[0]?.lastHeartbeatTime ?? null;
}

const seconds = (job: Job): number =>
  (Date.parse(job.cancel?.deadline ?? '') - Date.parse(job.cancel?.requestedAt ?? '')) / 1000;

/** The connections for reading, which also tell the log of the job. */
const isForReading = ({ application }: Statement) => application === 'longhaul-api';
const tells = /append_events|pg_notify/;
const isRead = (statement: Statement) => isForReading(statement) && !tells.test(statement.text);

/** All that is done for a cancel besides its row: what it tells and to whom, and what its answer could be made of. */
const isBesideTheCancel = (statement: Statement) =>
  isForReading(statement) || /pg_notify|announced_at = now/.test(statement.text);

let held: HeldStatements | null = null;
afterEach(() => held?.release());
function hold(): HeldStatements {
  held = holdStatements(isBesideTheCancel);
  return held;
}

describe('what was asked is kept with the job', () => {
  it('who reads it sees when, why, how, and until when the job may take its time', async () => {
    const { id, lock } = await unstoppableJob();
    const from = Date.now();
    const { status, body, headers } = await cancel(house, id, { reason: 'wrong article', gracePeriod: 90 });
    expect({ status, location: headers['location'] }).toEqual({ status: 202, location: `/v1/jobs/${id}` });
    expect(body.status).toBe('cancelling');
    expect(body.cancel).toMatchObject({ reason: 'wrong article', mode: 'graceful', escalated: false });
    expect(Date.parse(body.cancel?.requestedAt ?? '')).toBeGreaterThan(from - 1_000);
    expect(seconds(body)).toBe(90);
    await lock.release();
    const { job } = await endsOf(house, id);
    expect(job).toMatchObject({ status: 'succeeded', cancel: body.cancel });
  });

  it('costs a running job one row and one request to Temporal, and its answer waits for nothing else', async () => {
    const rpcs = countRpcs(house.api.get(TemporalClient).connection);
    const { costs, job } = await until(
      async () => {
        const id = await hangingJob();
        await house.jobWhen(id, 'it runs', ({ status }) => status === 'running');
        const before = { all: rpcs.count(), requests: rpcs.count('requestCancelWorkflowExecution') };
        const statements = hold();
        const { status, body } = await once(id);
        const asked = {
          status,
          all: rpcs.count() - before.all,
          requests: rpcs.count('requestCancelWorkflowExecution') - before.requests,
          rows: statements.asked.filter(({ text }) => text.includes('insert into cancellations')).length,
          reads: statements.asked.filter(isRead).length,
        };
        statements.release();
        // What the job has just done may be announced in between, and it is then looked at. The sweep reads, too.
        const isAlone = asked.all === 1 && asked.reads === 0;
        return isAlone && isInTime(status, body) && { costs: asked, job: body };
      },
      { what: 'a job that was just read is cancelled' },
    );
    expect(costs).toEqual({ status: 202, all: 1, requests: 1, rows: 1, reads: 0 });
    expect(job).toMatchObject({ status: 'cancelling', cancel: { reason: 'enough', mode: 'graceful' } });
    expect(job.steps.find(({ name }) => name === 'fetch')).toMatchObject({ status: 'succeeded' });
    expect(await house.jobWhen(job.id, 'it has ended', ({ done }) => done)).toMatchObject({
      status: 'cancelled',
      cancel: job.cancel,
    });
  });

  it('is answered without what the database is slow to add to a job that nobody has read', async () => {
    const rpcs = countRpcs(house.api.get(TemporalClient).connection);
    const costs = () => [
      rpcs.count('describeWorkflowExecution'),
      rpcs.count('requestCancelWorkflowExecution'),
    ];
    const { id, cost, status, body } = await until(
      async () => {
        const adding = jest.spyOn(house.api.get(JobReader), 'factsOf');
        const hanging = await hangingJob();
        const [described = 0, requested = 0] = costs();
        const statements = hold();
        const answer = await once(hanging);
        const now = costs();
        const added = Promise.resolve(adding.mock.results[0]?.value);
        const first = await Promise.race([added, Promise.resolve('not yet')]);
        adding.mockRestore();
        statements.release();
        const asked = { described: (now[0] ?? 0) - described, requested: (now[1] ?? 0) - requested, first };
        // An older cancel that is due meanwhile is looked at, too.
        const isAlone = asked.described === 1 && asked.requested === 1;
        return isAlone && isInTime(answer.status, answer.body) && { id: hanging, cost: asked, ...answer };
      },
      { what: 'a job that nobody has read is cancelled' },
    );
    // One to learn whose job it is, and one to cancel it.
    expect({ status, ...cost }).toEqual({ status: 202, described: 1, requested: 1, first: 'not yet' });
    expect(body).toMatchObject({ status: 'cancelling', cancel: { reason: 'enough' } });
    const { job: _, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.cancelled);
  });

  it('a repeat changes nothing but to make it stricter', async () => {
    const { id, lock } = await unstoppableJob();
    const first = await cancel(house, id, { reason: 'first' });
    expect(seconds(first.body)).toBe(30);
    const later = await cancel(house, id, { reason: 'second', gracePeriod: 3_600 });
    expect({ status: later.status, cancel: later.body.cancel }).toEqual({
      status: 202,
      cancel: first.body.cancel,
    });
    const sooner = await cancel(house, id, { gracePeriod: 10 });
    expect(sooner.body.cancel).toMatchObject({
      reason: 'first',
      requestedAt: first.body.cancel?.requestedAt,
    });
    expect(seconds(sooner.body)).toBeLessThan(29);
    const forced = await cancel(house, id, { mode: 'force', reason: 'now' });
    expect(forced.status).toBe(200);
    expect(forced.body).toMatchObject({ status: 'terminated', cancel: { reason: 'first', mode: 'force' } });
    await lock.release();
  });

  it.each([
    [{ gracePeriod: -1 }, '/gracePeriod'],
    [{ gracePeriod: 3_601 }, '/gracePeriod'],
    [{ mode: 'kindly' }, '/mode'],
    [{ reason: 'x'.repeat(501) }, '/reason'],
    [{ reason: 'a\u0000b' }, '/reason'],
    [{ reason: 'a\ud800' }, '/reason'],
  ])('%j is refused, and stops nothing', async (request, pointer) => {
    const { id } = await deserted.submit();
    const answer = await deserted.request('POST', `/v1/jobs/${id}/cancel`, request);
    expect(answer).toMatchObject({ status: 422, body: { code: 'validation-failed', errors: [{ pointer }] } });
    expect(await deserted.job(id)).toMatchObject({ status: 'queued', cancel: null });
  });
});

describe('force', () => {
  it('ends a running job at once, for everybody', async () => {
    const id = await hangingJob();
    const { status, body } = await cancel(house, id, { mode: 'force', reason: 'no time' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      status: 'terminated',
      done: true,
      result: null,
      failure: null,
      cancel: { mode: 'force', reason: 'no time', escalated: false },
    });
    const { job: _, ...ends } = await endsOf(house, id);
    expect(ends).toEqual({ api: 'terminated', temporal: 'TERMINATED', archive: 'terminated', savedWords: 0 });
  });

  it('also hangs up on the provider, before the worker’s next heartbeat', async () => {
    const least = await leastMs(1_500, async () => {
      const id = await hangingJob();
      const call = house.models.calls.at(-1);
      // The one after it comes 3 s later.
      await until(async () => (await heartbeatOf(id)) !== null, { what: 'a heartbeat' });
      const at = Date.now();
      await cancel(house, id, { mode: 'force' });
      return (await until(() => call?.closedAt, { what: 'the socket closes' })) - at;
    });
    expect(least).toBeLessThan(1_500);
  });
});

describe('a job that was to start later', () => {
  it.each(['graceful', 'force'] as const)('was never begun, and is cancelled (%s)', async (mode) => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    for (let n = 0; n < 5; n += 1) {
      const request = { type: 'extractArticle', input, delay: 3_600 };
      const { id } = (await house.start(request)).body;
      await cancel(house, id, { mode });
      const job = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
      expect(job).toMatchObject({ status: 'cancelled', cancel: { mode, escalated: false } });
    }
  });
});

describe('without any worker', () => {
  it.each(['graceful', 'force'] as const)(
    'a job that nobody began is cancelled at once (%s)',
    async (mode) => {
      const least = await leastMs(promptMs, async () => {
        const { id: one } = await deserted.submit();
        const at = performance.now();
        expect((await cancel(deserted, one, { mode, reason: 'hurry' })).status).toBe(200);
        return performance.now() - at;
      });
      expect(least).toBeLessThan(promptMs);
      const { id } = await deserted.submit();
      const { status, body } = await cancel(deserted, id, { mode, reason: 'changed my mind' });
      expect(status).toBe(200);
      expect(body).toMatchObject({
        status: 'cancelled',
        done: true,
        startedAt: null,
        partial: false,
        cancel: { reason: 'changed my mind', mode, escalated: false },
      });
      expect(body.steps.map((step) => step.status)).toEqual(body.steps.map(() => 'pending'));
      const { job: _, ...ends } = await endsOf(deserted, id);
      expect(ends).toEqual({ ...unanimous.cancelled, temporal: 'TERMINATED' });
      const again = await cancel(deserted, id, { mode, reason: 'again' });
      expect({ status: again.status, body: again.body }).toEqual({ status: 200, body });
    },
  );
});

describe('while the database does not answer', () => {
  it('the cancel is sent, and the answer says that no deadline is armed', async () => {
    const id = await hangingJob();
    const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'cancellations');
    try {
      const { status, body } = await cancel(house, id, { reason: 'lost' });
      expect(status).toBeLessThan(203);
      expect(body.cancel).toEqual({
        requestedAt: null,
        requestedBy: null,
        reason: null,
        mode: null,
        deadline: null,
        escalated: false,
      });
      const { job: _, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.cancelled);
    } finally {
      await lock.release();
    }
  });
});

failOnLeftovers();
