import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { endsOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(180_000);

let house: House;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/wrong-key' });
  worker = await house.startWorker({ LOG_LEVEL: 'info' });
});
afterAll(() => house.close());

/** What stands beside the run in the Temporal UI. */
async function details(id: string): Promise<string> {
  const handle = house.temporal.workflow.getHandle(id);
  const ask = () => handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  // A worker that is busy may be late for a query.
  const { currentDetails = '' } = await until(ask, { what: 'the worker answers the query' });
  return currentDetails;
}

const keyed = async (key: string, model: string): Promise<Job> => {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3, model };
  const { body } = await house.start({ type: 'extractArticle', input, concurrencyKey: key });
  return body;
};

it('the details of a job that waits for a person say so, and for which answer, until it has come', async () => {
  const { id } = await house.submit({ review: true });
  const { waitingFor } = await house.jobWhen(id, 'the job waits', ({ status }) => status === 'waiting');
  const [wait] = waitingFor;
  expect(await details(id)).toMatch(/^\*\*waiting\*\*/);
  expect(await details(id)).toContain(`a person to answer **review**, until ${wait?.expiresAt}`);
  await house.ask('POST', `/v1/jobs/${id}/input`, { name: 'review', value: { words: [] } });
  await endsOf(house, id);
  expect(await details(id)).not.toContain('Waits for');
});

it('the details of a job that queues name its key, and its pending activity the job that holds it', async () => {
  const holder = await keyed('ui', 'openai/hang-mid-stream');
  await house.jobWhen(holder.id, 'the holder runs', ({ status }) => status === 'running');
  const queued = await keyed('ui', 'openai/answer');
  await until(async () => (await details(queued.id)).startsWith('**queued**'), { what: 'the job queues' });
  expect(await details(queued.id)).toContain('the job that holds the concurrency key **ui**');
  const failure = await until(
    async () => {
      const { raw } = await house.temporal.workflow.getHandle(queued.id).describe();
      return raw.pendingActivities?.[0]?.lastFailure;
    },
    { what: 'the job has looked whether its turn has come' },
  );
  expect(failure.message).toBe(`Job ${holder.id} holds the key.`);
  for (const { id } of [queued, holder]) await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
  await Promise.all([queued, holder].map(({ id }) => endsOf(house, id)));
});

it("the worker's log has one line a job, with how it ended and how long it took", async () => {
  const well = await house.submit({ targetLang: 'de' });
  const badly = await house.submit({ model: 'openai/wrong-key' });
  await Promise.all([well, badly].map(({ id }) => endsOf(house, id)));
  const linesOf = ({ id }: Job) =>
    worker
      .log()
      .filter((line) => line.includes(id))
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      // What the SDK warns of names the job as well.
      .filter(({ msg }) => String(msg).startsWith('job '));
  // What is not urgent is written a few times a second.
  await until(() => linesOf(well).length > 0 && linesOf(badly).length > 0, { what: 'both are in the log' });
  const common = {
    level: 30,
    process: 'worker',
    jobType: 'extractArticle',
    owner: 'local',
    seconds: expect.any(Number),
  };
  expect(linesOf(well)).toMatchObject([{ ...common, msg: 'job succeeded', job: well.id }]);
  expect(linesOf(badly)).toMatchObject([
    { ...common, msg: 'job failed', job: badly.id, failureCode: 'provider-key-refused', step: 'extract' },
  ]);
});

failOnLeftovers();
