import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { jobTypes } from '../../../job-types/index.js';
import { jobOwnerKey, jobTypeKey } from '../../../src/temporal/search-attributes.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { questions } from '../../harness/questions/type.js';
import { type QuestionsWorker, startQuestionsWorker } from '../../harness/questions/worker.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

const taskQueue = `questions-${randomUUID()}`;
let house: House;
let worker: QuestionsWorker;

beforeAll(async () => {
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  Object.assign(jobTypes, { questions });
  house = await openHouse();
  worker = await startQuestionsWorker(house.db, { address: temporalAddress(), taskQueue });
});
afterAll(async () => {
  await worker.close();
  await house.close();
});

/** As the API starts jobs of the types that it had when it was loaded. */
async function start(): Promise<string> {
  const workflowId = `job_${randomUUID()}`;
  await house.temporal.workflow.start('questions', {
    workflowId,
    taskQueue,
    args: [{ input: {}, owner: 'local' }],
    memo: { owner: 'local', tags: [], metadata: {} },
    typedSearchAttributes: [
      { key: jobTypeKey, value: 'questions' },
      { key: jobOwnerKey, value: 'local' },
    ],
  });
  return workflowId;
}

let headers: Record<string, string> = {};
const read = async (id: string): Promise<Job> =>
  (await house.ask<Job>('GET', `/v1/jobs/${id}`, undefined, headers)).body;
const idsOf = ({ waitingFor }: Job) => waitingFor.map(({ id }) => id);
const waitingFor = (id: string, ...ids: string[]): Promise<Job> =>
  until(
    async () => {
      const job = await read(id);
      const known = job.waitingFor.every(({ data }) => data !== null);
      return known && JSON.stringify(idsOf(job)) === JSON.stringify(ids) ? job : false;
    },
    { what: `the job waits for ${ids.join(', ')}` },
  );
const answer = <T = Job>(id: string, body: Record<string, unknown>) =>
  house.ask<T>('POST', `/v1/jobs/${id}/input`, body, headers);
const refusal = async (id: string, body: Record<string, unknown>) => {
  const { status, body: failure } = await answer<Failure>(id, body);
  return [status, failure.code];
};

describe('a job that asks several things at once', () => {
  it('shows each with an id, takes answers by id or by a name that is clear, and goes on when it has all', async () => {
    const id = await start();
    const job = await waitingFor(id, 'colour', 'size', 'colour~2');
    expect(job).toMatchObject({ status: 'waiting', answers: [] });
    expect(job.waitingFor.map(({ name, data, schema }) => [name, data, schema['type']])).toEqual([
      ['colour', 'the first one', 'string'],
      ['size', 'of all', 'integer'],
      ['colour', 'the second one', 'string'],
    ]);

    const unclear = await answer<Failure>(id, { name: 'colour', value: 'red' });
    expect([unclear.status, unclear.body.code]).toEqual([409, 'several-waits']);
    expect(unclear.body.detail).toContain('"colour", "colour~2"');
    expect(unclear.body.errors).toEqual([{ pointer: '/id', detail: 'one of "colour", "colour~2"' }]);
    expect(await refusal(id, { name: 'size', id: 'colour', value: 3 })).toEqual([409, 'not-waiting']);
    expect(await refusal(id, { name: 'colour', id: 'colour~9', value: 'red' })).toEqual([409, 'not-waiting']);
    expect(await refusal(id, { name: 'size', value: 'large' })).toEqual([422, 'validation-failed']);
    expect(await refusal(id, { name: 'size', value: 3, ID: 'size' })).toEqual([422, 'validation-failed']);
    expect(idsOf(await read(id))).toEqual(['colour', 'size', 'colour~2']);

    const second = { name: 'colour', id: 'colour~2', value: 'blue' };
    expect((await answer(id, second)).body).toMatchObject({ status: 'waiting' });
    await waitingFor(id, 'colour', 'size');
    expect((await answer(id, second)).status).toBe(200);
    expect(await refusal(id, { ...second, value: 'green' })).toEqual([409, 'not-waiting']);
    expect((await answer(id, { name: 'colour', value: 'red' })).status).toBe(200);
    await waitingFor(id, 'size');
    // With none of the name open, it is the last one's answer that is repeated.
    expect((await answer(id, { name: 'colour', value: 'red' })).status).toBe(200);
    expect(await refusal(id, { name: 'colour', value: 'blue' })).toEqual([409, 'not-waiting']);
    expect((await answer(id, { name: 'size', value: 3 })).status).toBe(200);

    // What is asked again is another question, to which the same answer is a new one.
    await waitingFor(id, 'colour~3');
    expect((await answer(id, { name: 'colour', value: 'red' })).status).toBe(200);
    const end = await until(
      async () => {
        const now = await read(id);
        return now.done && now;
      },
      { what: 'the job has ended' },
    );
    expect(end).toMatchObject({
      status: 'succeeded',
      result: { first: 'red', second: 'blue', size: 3, last: 'red' },
      waitingFor: [],
    });
    expect(end.answers.map(({ id: wait, name, answeredBy }) => [wait, name, answeredBy])).toEqual([
      ['colour~2', 'colour', null],
      ['colour', 'colour', null],
      ['size', 'size', null],
      ['colour~3', 'colour', null],
    ]);

    const { body: log } = await house.ask<{ items: JobEvent[] }>('GET', `/v1/jobs/${id}/events`);
    const told = log.items.filter(({ type, data }) => type === 'job.waiting' || data['answered']);
    expect(told.map(({ type, data }) => [type, data['name'] ?? data['answered'], data['id']])).toEqual([
      ['job.waiting', 'colour', 'colour'],
      ['job.waiting', 'size', 'size'],
      ['job.waiting', 'colour', 'colour~2'],
      ['job.running', 'colour', 'colour~2'],
      ['job.running', 'colour', 'colour'],
      ['job.running', 'size', 'size'],
      ['job.waiting', 'colour', 'colour~3'],
      ['job.running', 'colour', 'colour~3'],
    ]);
    expect(told[0]?.data).toEqual({ id: 'colour', name: 'colour', expiresAt: job.waitingFor[0]?.expiresAt });
    expect(told.at(-1)?.data).toEqual({ answered: 'colour', id: 'colour~3', by: null });

    const history = await house.temporal.workflow.getHandle(id).fetchHistory();
    await Worker.runReplayHistory({ workflowBundle: { code: worker.code } }, history);
  });

  it('keeps what was answered when it is cancelled while it waits for the rest', async () => {
    const id = await start();
    await waitingFor(id, 'colour', 'size', 'colour~2');
    await answer(id, { name: 'size', value: 3 });
    await house.ask('POST', `/v1/jobs/${id}/cancel`);
    const end = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
    expect(end).toMatchObject({ status: 'cancelled', waitingFor: [], answers: [{ id: 'size' }] });
    expect(await refusal(id, { name: 'colour', id: 'colour', value: 'red' })).toEqual([409, 'not-waiting']);
  });

  it('says which key has answered, in the job and in its log, and never the key itself', async () => {
    const id = await start();
    await waitingFor(id, 'colour', 'size', 'colour~2');
    const key = await makeKey(house.db, 'local');
    const isNeeded = async () => (await house.request('GET', '/v1/jobs')).status === 401;
    await until(isNeeded, { what: 'the API has seen that there is a key' });
    headers = key.headers;
    expect((await answer(id, { name: 'size', value: 3 })).status).toBe(200);
    const job = await waitingFor(id, 'colour', 'colour~2');
    expect(job.answers).toMatchObject([{ id: 'size', name: 'size', answeredBy: key.id }]);
    const { body: log } = await house.ask<{ items: JobEvent[] }>(
      'GET',
      `/v1/jobs/${id}/events`,
      undefined,
      headers,
    );
    expect(log.items.find(({ data }) => data['answered'] === 'size')?.data).toMatchObject({ by: key.id });
    expect(JSON.stringify([job, log])).not.toContain(key.key);
    await house.ask('POST', `/v1/jobs/${id}/cancel`, undefined, headers);
    await until(async () => (await read(id)).done, { what: 'the job has ended' });
  });
});

failOnLeftovers();
