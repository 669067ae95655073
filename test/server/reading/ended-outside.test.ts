import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import type { JobList } from '../../../src/jobs/job-list.js';
import { stepOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/rate-limited' });
  await house.startWorker();
});
afterAll(() => house.close());

/** A job in the middle of its model call, or in the pause before the next one. */
async function inExtract(model: string, status: 'running' | 'retrying'): Promise<string> {
  const { id } = await house.submit({ model });
  await house.jobWhen(id, `the step is ${status}`, (job) => stepOf(job, 'extract').status === status);
  return id;
}

const open = new Set(['running', 'retrying', 'paused']);
const openSteps = ({ steps }: Job) => steps.filter(({ status }) => open.has(status));

const byForce: Record<string, (id: string) => Promise<unknown>> = {
  'a forced cancel': (id) => house.ask('POST', `/v1/jobs/${id}/cancel`, { mode: 'force' }),
  'a terminate by an operator': (id) => house.temporal.workflow.getHandle(id).terminate('by an operator'),
};

describe.each(Object.keys(byForce))('after %s', (name) => {
  it.each(['running', 'retrying'] as const)('no step that was %s reads as if it went on', async (status) => {
    const id = await inExtract(
      status === 'running' ? 'openai/hang-mid-stream' : 'openai/rate-limited',
      status,
    );
    await byForce[name]?.(id);
    const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(openSteps(job)).toEqual([]);
    expect(stepOf(job, 'extract')).toMatchObject({ status: 'cancelled', nextRetryAt: null });
    expect(job.progress).toMatchObject({ step: null, stepIndex: null });
    expect(job.stalled).toBeNull();
  });
});

describe('a step whose activity an operator has paused', () => {
  const activityOf = (id: string) => ({
    namespace: 'default',
    execution: { workflowId: id },
    identity: 'an operator',
    id: 'extract',
  });

  it('reads as paused and not as failed, also when the worker has let go of it, and goes on when it is resumed', async () => {
    const id = await inExtract('openai/hang-mid-stream', 'running');
    const { workflowService } = house.temporal;
    await workflowService.pauseActivity({ ...activityOf(id), reason: 'the model is ill' });
    await until(
      async () => {
        const { raw } = await house.temporal.workflow.getHandle(id).describe();
        return raw.pendingActivities?.some(({ lastFailure }) => lastFailure);
      },
      { what: 'the worker has heard of the pause' },
    );
    const job = await house.jobWhen(id, 'the job is stalled', ({ stalled }) => stalled?.reason === 'paused');
    expect(Date.parse(job.stalled?.since ?? '')).toBeGreaterThanOrEqual(Date.parse(job.createdAt));
    expect(stepOf(job, 'extract')).toMatchObject({ status: 'paused', lastFailure: null, nextRetryAt: null });
    expect(openSteps(job)).toHaveLength(1);
    expect(job).toMatchObject({ status: 'running', failure: null });
    expect(job.progress).toMatchObject({ step: 'extract', message: expect.stringContaining('Paused') });
    house.models.next('answer');
    await workflowService.unpauseActivity(activityOf(id));
    const ended = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(ended).toMatchObject({ status: 'succeeded', stalled: null });
  });
});

describe('a run that an operator has paused as a whole', () => {
  const runOf = (id: string) => ({
    namespace: 'default',
    workflowId: id,
    identity: 'an operator',
    reason: 'the model is ill',
    requestId: randomUUID(),
  });
  const pause = (id: string) => house.temporal.workflowService.pauseWorkflowExecution(runOf(id));
  const resume = (id: string) => house.temporal.workflowService.unpauseWorkflowExecution(runOf(id));
  const pausedJob = (id: string) =>
    house.jobWhen(id, 'the job is stalled', ({ stalled }) => stalled?.reason === 'paused');

  it.each(['running', 'retrying'] as const)(
    'reads as paused, and so does its step that was %s, until it is resumed',
    async (status) => {
      const model = status === 'running' ? 'openai/hang-mid-stream' : 'openai/rate-limited';
      const id = await inExtract(model, status);
      await pause(id);
      const job = await pausedJob(id);
      expect(job).toMatchObject({ status: 'running', done: false, failure: null });
      expect(job.steps.map((step) => step.status)).toEqual(['succeeded', 'paused', 'pending']);
      expect(job.progress).toMatchObject({ step: 'extract', message: expect.stringContaining('Paused') });
      await resume(id);
      const going = await house.jobWhen(id, 'the job goes on', ({ stalled }) => stalled === null);
      expect(['running', 'retrying']).toContain(stepOf(going, 'extract').status);
      await house.ask('POST', `/v1/jobs/${id}/cancel`, { mode: 'force' });
      const ended = await house.jobWhen(id, 'the job is done', ({ done }) => done);
      expect(openSteps(ended)).toEqual([]);
    },
  );

  it('is listed as open, and takes an answer once it is resumed', async () => {
    const { id } = await house.submit({ review: true });
    await house.jobWhen(id, 'the job waits', (job) => job.status === 'waiting');
    await pause(id);
    expect(await pausedJob(id)).toMatchObject({ status: 'waiting' });
    for (const status of ['active', 'waiting']) {
      const listed = () => house.request<JobList>('GET', `/v1/jobs?status=${status}&pageSize=100`);
      const found = await until(async () => (await listed()).body.items.find((item) => item.id === id), {
        what: `the paused job is listed as ${status}`,
      });
      expect(found).toMatchObject({ status: 'waiting' });
    }
    const answer = () =>
      house.request('POST', `/v1/jobs/${id}/input`, { name: 'review', value: { words: [] } });
    expect(await answer()).toMatchObject({
      status: 503,
      body: { code: 'input-unconfirmed', detail: expect.stringContaining('paused') },
    });
    await resume(id);
    await until(async () => (await answer()).status === 200, { what: 'the answer is taken' });
    const ended = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(ended).toMatchObject({ status: 'succeeded', stalled: null });
  });

  it('is ended by a cancel, by its deadline at the latest', async () => {
    const id = await inExtract('openai/hang-mid-stream', 'running');
    await pause(id);
    await pausedJob(id);
    const { status } = await house.ask('POST', `/v1/jobs/${id}/cancel`, { gracePeriod: 1 });
    expect(status).toBe(202);
    const ended = await house.jobWhen(id, 'the job is done', ({ done }) => done);
    expect(ended).toMatchObject({ status: 'terminated', stalled: null, cancel: { escalated: true } });
    expect(openSteps(ended)).toEqual([]);
  });
});

failOnLeftovers();
