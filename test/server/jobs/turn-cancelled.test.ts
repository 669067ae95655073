import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

const { PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: cancelRequested } =
  temporal.api.enums.v1.PendingActivityState;

jest.setTimeout(180_000);

let house: House;
/** Of the round before: in the next one nobody works while the second job is submitted. */
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
});
afterAll(() => house.close());
failOnLeftovers();

async function submit(concurrencyKey: string): Promise<Job> {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3 };
  const { body } = await house.start({
    type: 'extractArticle',
    input: { ...input, model: 'openai/hang-mid-stream' },
    concurrencyKey,
  });
  return body;
}

/** Cancels a job while its look for its turn has to wait. @returns whether the cancel met a look, or a pause between two */
async function cancelAtLook(id: string): Promise<boolean> {
  const handle = house.temporal.workflow.getHandle(id);
  const pending = async () => {
    const { raw, status } = await handle.describe();
    return { looks: raw.pendingActivities ?? [], isOver: status.name !== 'RUNNING' };
  };
  // The look within the workflow task gives up; the one that follows comes with the decision to take it.
  const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'concurrency_queue');
  try {
    workers.push(await house.startWorker());
    await until(async () => (await pending()).looks.length > 0, { what: 'the job looks for its turn' });
    await lock.holdsSomebody();
    await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
    const met = await until(
      async () => {
        const { looks, isOver } = await pending();
        if (looks.some(({ state }) => state === cancelRequested)) return 'a look';
        return isOver && 'a pause';
      },
      { what: 'the cancel has met the job' },
    );
    return met === 'a look';
  } finally {
    await lock.release();
  }
}

it('a job that is cancelled while it looks for its turn has neither had it nor begun', async () => {
  // A look gives up waiting after a while, so that on a busy machine the cancel may meet none.
  for (let met = false, round = 1; !met; round += 1) {
    expect(round).toBeLessThan(6);
    const key = randomUUID();
    const first = await house.startWorker();
    const holder = await submit(key);
    await house.jobWhen(holder.id, 'the holder runs', ({ status }) => status === 'running');
    await Promise.all([first, ...workers.splice(0)].map((worker) => worker.kill()));
    const { id } = await submit(key);
    met = await cancelAtLook(id);
    const end = await house.jobWhen(id, 'the job has ended', ({ done }) => done);
    expect(end).toMatchObject({ status: 'cancelled', startedAt: null });
    expect((await house.job(holder.id)).status).toBe('running');
    await house.temporal.workflow.getHandle(holder.id).terminate();
  }
});
