import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { rounds } from '../../harness/rounds.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(400_000);

const queuedJobs = rounds(30, 99);
const concurrencyKey = randomUUID();

let house: House;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse({ MODEL: 'openai/instant', MODELS: 'openai/hang-mid-stream' });
  worker = await house.startWorker();
});
afterAll(() => house.close());

/** Each with a wish of its own, which can be found in what the model is asked. */
async function submit(wish: number, model?: string): Promise<string> {
  const body = {
    type: 'extractArticle',
    input: {
      url: `${house.web.url}article`,
      sourceLang: 'es',
      targetLang: 'fr',
      prompt: `wish ${wish}.`,
      model,
    },
    concurrencyKey,
  };
  const key = { 'idempotency-key': randomUUID() };
  // As a client does whose call took Temporal too long, on a machine that is too busy.
  const accepted = async () => {
    const answer = await house.request<Job>('POST', '/v1/jobs', body, key);
    return answer.status === 202 && answer.body.id;
  };
  return until(accepted, { what: 'the submit is accepted' });
}

/** When the job's own work began and ended, by the clock of its run. */
function span({ id, steps }: Job): { from: number; to: number } {
  const [from, to] = [steps[0]?.startedAt, steps.at(-1)?.finishedAt].map((time) => Date.parse(time ?? ''));
  if (!from || !to) throw new Error(`the steps of ${id} have no times`);
  return { from, to };
}

const wishesHeard = (): number[] =>
  house.models.calls.map(({ body }) => Number(/wish (\d+)\./.exec(JSON.stringify(body))?.[1]));

/** Who holds the key, and who waits for it, in their order. */
async function line(): Promise<string[]> {
  const places = house.db.selectFrom('concurrency_queue').select('job_id').orderBy('position');
  return (await places.execute()).map(({ job_id: id }) => id);
}

it(`${queuedJobs} jobs that wait for one key run one by one, in their order, when holder and worker are killed`, async () => {
  const holder = await submit(0, 'openai/hang-mid-stream');
  await until(() => house.models.calls.length > 0, { what: 'the holder runs' });
  const submitted = await Promise.all(Array.from({ length: queuedJobs }, (_, n) => submit(n + 1)));
  const [first, ...ids] = await line();
  expect(first).toBe(holder);
  expect(ids.toSorted()).toEqual(submitted.toSorted());
  for (const id of [ids[0], ids.at(-1)]) {
    await house.jobWhen(id ?? '', 'the job waits for its turn', ({ status }) => status === 'queued');
  }

  await Promise.all([worker.kill(), house.temporal.workflow.getHandle(holder).terminate('by an operator')]);
  await house.startWorker();
  expect(await house.job(holder)).toMatchObject({ status: 'terminated' });
  const handedOn = async () => {
    await house.api.get(ClosedRunSweep).sweep();
    return !(await line()).includes(holder);
  };
  await until(handedOn, { what: 'the sweep has handed the key on' });
  const from = performance.now();
  const last = await house.jobWhen(ids.at(-1) ?? '', 'the last has ended', ({ done }) => done, 300_000);
  process.stdout.write(`${queuedJobs} jobs in a line took ${Math.round(performance.now() - from)} ms\n`);
  expect(last.status).toBe('succeeded');

  // While Temporal is busy, an older answer may be told for a while.
  const jobs = await Promise.all(ids.map((id) => house.jobWhen(id, 'it has ended', ({ done }) => done)));
  expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(['succeeded']));
  const spans = jobs.map(span);
  expect(spans.filter(({ from: begun }, place) => begun < (spans[place - 1]?.to ?? 0))).toEqual([]);
  expect(wishesHeard()).toEqual([0, ...ids.map((id) => submitted.indexOf(id) + 1)]);
  expect(await line()).toEqual([]);
});

failOnLeftovers();
