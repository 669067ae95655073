import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';

const { PENDING_ACTIVITY_STATE_STARTED: started, PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: cancelRequested } =
  temporal.api.enums.v1.PendingActivityState;

jest.setTimeout(180_000);

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
});
afterAll(() => house.close());
failOnLeftovers();

async function submit(concurrencyKey: string): Promise<Job> {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3 };
  const { body } = await house.request<Job>('POST', '/v1/jobs', {
    type: 'extractArticle',
    input: { ...input, model: 'openai/hang-mid-stream' },
    concurrencyKey,
  });
  return body;
}

const waitIs = (id: string, state: temporal.api.enums.v1.PendingActivityState, what: string) =>
  until(
    async () => {
      const { raw } = await house.temporal.workflow.getHandle(id).describe();
      return raw.pendingActivities?.[0]?.state === state;
    },
    { what },
  );

it('a job that is cancelled while it looks for its turn has neither had it nor begun', async () => {
  const key = randomUUID();
  const first = await house.startWorker();
  const holder = await submit(key);
  await house.jobWhen(holder.id, 'the holder runs', ({ status }) => status === 'running');
  await first.kill();
  const { id } = await submit(key);
  // The look within the workflow task gives up; the one that follows comes with the decision to take it.
  const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'concurrency_queue');
  await house.startWorker();
  await waitIs(id, started, 'the job looks for its turn');
  await house.request('POST', `/v1/jobs/${id}/cancel`, {});
  await waitIs(id, cancelRequested, 'the look is cancelled');
  await lock.release();
  const end = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
  expect(end).toMatchObject({ status: 'cancelled', startedAt: null });
  expect((await house.job(holder.id)).status).toBe('running');
  await house.temporal.workflow.getHandle(holder.id).terminate();
});
