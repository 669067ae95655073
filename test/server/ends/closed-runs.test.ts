import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { TemporalClient } from '../../../src/temporal/temporal-client.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { inFewRounds } from '../../harness/prompt.js';
import { resetToBegin } from '../../harness/reset.js';
import { countRpcs } from '../../harness/rpc-counter.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

let house: House;
let sweep: ClosedRunSweep;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse();
  sweep = house.api.get(ClosedRunSweep);
  worker = await house.startWorker();
});
afterAll(() => house.close());

const archived = async (id: string) =>
  house.db
    .selectFrom('outcomes')
    .select(['status', 'run_id', 'job'])
    .where('job_id', '=', id)
    .executeTakeFirst();

/** Sweeps until what visibility only learns after a moment is in the archive. */
const sweptTo = (id: string, status: string) =>
  until(
    async () => {
      await sweep.sweep();
      const end = await archived(id);
      return end?.status === status ? end : false;
    },
    { what: `${id} is archived as ${status}` },
  );

/** A job whose model has been asked and never answers. */
async function hanging(): Promise<string> {
  const before = house.models.calls.length;
  house.models.next('hang-mid-stream');
  const { id } = await house.submit();
  await until(() => house.models.calls.length > before, { what: 'the model is asked' });
  return id;
}

async function succeeded(): Promise<string> {
  const { id } = await house.submit();
  await house.temporal.workflow.getHandle(id).result();
  await until(() => archived(id), { what: 'the job has archived itself' });
  return id;
}

describe('the end of a job that nobody watches', () => {
  it('is archived when an operator terminated it', async () => {
    const id = await hanging();
    await house.temporal.workflow.getHandle(id).terminate('by hand');
    const end = await sweptTo(id, 'terminated');
    expect(end.job).toMatchObject({
      type: 'extractArticle',
      outcome: { status: 'terminated', result: null },
    });
  });

  it('is corrected when its own archive, of a cancel, came after it was terminated', async () => {
    const id = await hanging();
    await house.temporal.workflow.getHandle(id).terminate('it did not stop in time');
    await sweptTo(id, 'terminated');
    await house.db.updateTable('outcomes').set({ status: 'cancelled' }).where('job_id', '=', id).execute();
    expect(await sweptTo(id, 'terminated')).toMatchObject({ status: 'terminated' });
  });

  it('is archived when it ran out of time', async () => {
    const id = `job_${crypto.randomUUID()}`;
    const { type, memo, searchAttributes } = await asAJob();
    await house.temporal.workflow.start(type, {
      workflowId: id,
      taskQueue: house.env['TEMPORAL_TASK_QUEUE'] ?? '',
      args: [{ input: { url: `${house.web.url}article` }, owner: 'local' }],
      memo,
      typedSearchAttributes: searchAttributes,
      workflowTaskTimeout: '1 second',
      startDelay: '5 seconds',
      workflowExecutionTimeout: '1 second',
    });
    expect((await sweptTo(id, 'timed_out')).job).toMatchObject({ outcome: { startedAt: null } });
  });

  it('costs one page of visibility and nothing else when the archive agrees', async () => {
    await succeeded();
    const rpcs = countRpcs(house.api.get(TemporalClient).connection);
    const asked = () => [rpcs.count('listWorkflowExecutions'), rpcs.count('describeWorkflowExecution')];
    const cheap = async () => {
      const [lists = 0, describes = 0] = asked();
      const corrected = await sweep.sweep();
      const now = asked();
      const cost = [(now[0] ?? 0) - lists, (now[1] ?? 0) - describes];
      expect([corrected, ...cost]).toEqual([0, 1, 0]);
    };
    // Not the first one, perhaps: other jobs end meanwhile, and the process sweeps by itself now and then.
    await inFewRounds(cheap);
  });

  it('is none of ours when another Longhaul in the namespace runs it', async () => {
    const other = `other-${crypto.randomUUID()}`;
    const { type, memo, searchAttributes } = await asAJob();
    const handle = await house.temporal.workflow.start(type, {
      workflowId: other,
      taskQueue: other,
      args: [],
      memo,
      typedSearchAttributes: searchAttributes,
    });
    await handle.terminate();
    const id = await succeeded();
    await house.db.deleteFrom('outcomes').where('job_id', '=', id).execute();
    await sweptTo(id, 'succeeded');
    expect(await archived(other)).toBeUndefined();
  });

  it('is corrected when an operator has reset the job and it ended otherwise', async () => {
    const id = await succeeded();
    // Without a worker, so that the operator has the time.
    await worker.stop();
    const runId = await resetToBegin(house.temporal, id);
    await house.temporal.workflow.getHandle(id, runId).terminate('not that way');
    expect(await sweptTo(id, 'terminated')).toMatchObject({ run_id: runId });
    expect(await house.job(id)).toMatchObject({ status: 'terminated', result: null });
  });
});

/** What a submit writes beside the input. */
async function asAJob() {
  const { id } = await house.submit();
  const { type, memo = {}, typedSearchAttributes } = await house.temporal.workflow.getHandle(id).describe();
  return { type, memo, searchAttributes: typedSearchAttributes };
}

failOnLeftovers();
