import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Job } from '../../../job-types/contract/job.js';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { JobEnds } from '../../../src/ends/job-ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
  // It would see to the jobs that are only read here.
  await house.api.get(ClosedRunSweep).onModuleDestroy();
});
afterAll(() => house.close());

/** What the database holds of the end of a job. */
async function written(id: string) {
  const [outcomes, events, places] = await Promise.all([
    house.db.selectFrom('outcomes').select('status').where('job_id', '=', id).execute(),
    house.db.selectFrom('events').select('type').where('job_id', '=', id).orderBy('seq').execute(),
    house.db.selectFrom('concurrency_queue').select('held').where('job_id', '=', id).execute(),
  ]);
  return { outcomes, told: events.map(({ type }) => type), places };
}

/** The API tells of a submit after it has answered it. */
const submitTold = (id: string) =>
  until(async () => (await written(id)).told.length > 0, { what: 'the log tells that the job is queued' });

it('a job that was ended from outside is read in every way, and only then seen to', async () => {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
  const request = { type: 'extractArticle', input, concurrencyKey: 'invoice-7' };
  const headers = { 'idempotency-key': randomUUID() };
  const submit = () => house.ask<Job>('POST', '/v1/jobs', request, headers);
  const { id } = (await submit()).body;
  await submitTold(id);
  await house.temporal.workflow.getHandle(id).terminate('by an operator');

  const job = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
  expect(job.status).toBe('terminated');
  expect((await house.ask('GET', `/v1/jobs/${id}/result`)).status).toBe(409);
  expect((await house.ask('GET', '/v1/jobs')).status).toBe(200);
  expect((await house.ask('GET', `/v1/jobs/${id}`, undefined, { prefer: 'wait=1' })).status).toBe(200);
  expect(await submit()).toMatchObject({ status: 200, body: { id } });
  expect(await written(id)).toEqual({ outcomes: [], told: ['job.queued'], places: [{ held: false }] });

  const ends = house.api.get(JobEnds);
  expect([await ends.seeTo(id), await ends.seeTo(id)]).toEqual(['archived', 'over']);
  expect(await written(id)).toEqual({
    outcomes: [{ status: 'terminated' }],
    told: ['job.queued', 'end'],
    places: [],
  });
  expect(await house.job(id)).toEqual(job);
  const log = await house.ask<{ items: JobEvent[] }>('GET', `/v1/jobs/${id}/events`);
  expect(log.body.items.at(-1)).toMatchObject({ type: 'end', time: job.finishedAt });
});

it('a page of events has the job seen to whose log lacks its end', async () => {
  const { id } = await house.submit();
  await submitTold(id);
  await house.temporal.workflow.getHandle(id).terminate('by an operator');
  await house.jobWhen(id, 'the job has ended', ({ done }) => done);
  await house.ask('GET', `/v1/jobs/${id}/events`);
  expect(await written(id)).toMatchObject({
    outcomes: [{ status: 'terminated' }],
    told: ['job.queued', 'end'],
  });
});

it('a job that is open, and one that nobody knows, are left as they are', async () => {
  const { id } = await house.submit();
  await submitTold(id);
  const ends = house.api.get(JobEnds);
  expect([await ends.seeTo(id), await ends.seeTo('job_nope')]).toEqual(['open', 'unknown']);
  expect(await written(id)).toEqual({ outcomes: [], told: ['job.queued'], places: [] });
  await house.temporal.workflow.getHandle(id).terminate();
});

failOnLeftovers();
