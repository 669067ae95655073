import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Job } from '../../job-types/contract/job.js';
import { heldJobs } from '../held-jobs.js';
import { besideHogs } from '../hogs.js';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig } from '../rig.js';
import { type Wire, openWires } from '../wire.js';

const submits = 500;
const jobs = 200;
const pollersAJob = 10;
const hogs = 3;
const pollForMs = 20_000;

/** Nobody polls it, so that no job gets in the way. */
const taskQueue = 'bench-unattended';

/** Whether work is refused when much of it comes at once, on a machine that has other things to do. */
export async function burst(rig: Rig): Promise<Measure[]> {
  const { url } = await rig.startApi({ TEMPORAL_TASK_QUEUE: taskQueue });
  const alone = await submitAtOnce(url, rig);
  const beside = await besideHogs(hogs, () => submitAtOnce(url, rig));
  return [
    ...submitMeasures(alone, `${submits} submits at once`),
    ...submitMeasures(beside, `${submits} submits at once beside ${hogs} processes that only compute`),
    await polled(rig),
  ];
}

interface Submitted {
  refused: number;
  twice: number;
  ms: number[];
}

async function submitAtOnce(url: string, { input }: Rig): Promise<Submitted> {
  const client = new Pool(url, { connections: submits });
  const body = JSON.stringify({ type: 'extractArticle', input });
  const submit = async () => {
    const from = performance.now();
    const { statusCode, body: said } = await client.request({
      method: 'POST',
      path: '/v1/jobs',
      headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body,
    });
    const { id } = (await said.json()) as Job;
    return { statusCode, id, ms: performance.now() - from };
  };
  try {
    const answers = await Promise.all(Array.from({ length: submits }, submit));
    const taken = answers.filter(({ statusCode }) => statusCode === 202);
    return {
      refused: submits - taken.length,
      twice: taken.length - new Set(taken.map(({ id }) => id)).size,
      ms: answers.map(({ ms }) => ms),
    };
  } finally {
    await client.close();
  }
}

const submitMeasures = ({ refused, twice, ms }: Submitted, name: string): Measure[] => [
  {
    name: `${name}: refused`,
    value: refused,
    unit: 'calls',
    goal: { atMost: 0 },
    detail: `${twice} answered with the job of another`,
  },
  {
    name: `${name}: p99`,
    value: quantile(ms, 0.99),
    unit: 'ms',
    goal: { atMost: 10_000 },
    detail: `p50 ${short(quantile(ms, 0.5))} ms, at most ${short(Math.max(...ms))} ms`,
  },
];

async function polled(rig: Rig): Promise<Measure> {
  const { url } = await rig.startApi({});
  const held = await heldJobs(rig, { count: jobs, behaviour: 'clock', options: { everyMs: 1_500 } });
  const wires = await openWires(url, jobs * pollersAJob);
  try {
    const { polls, refused } = await besideHogs(hogs, () => pollAll(wires, held.ids));
    return {
      name: `${jobs} jobs and ${wires.length} pollers beside ${hogs} processes that only compute: refused`,
      value: refused,
      unit: 'calls',
      goal: { atMost: 0 },
      detail: `${polls} polls in ${pollForMs / 1_000} s, all of them from the first moment on`,
    };
  } finally {
    for (const wire of wires) wire.close();
    await held.release();
  }
}

/** As clients do that come back all at once. */
async function pollAll(
  wires: readonly Wire[],
  ids: readonly string[],
): Promise<{ polls: number; refused: number }> {
  let [polls, refused] = [0, 0];
  const end = performance.now() + pollForMs;
  const poller = async (wire: Wire, index: number) => {
    while (performance.now() < end) {
      const { status, retryAfter } = await wire.get(`/v1/jobs/${ids[index % ids.length] ?? ''}`);
      polls += 1;
      if (status === 503) refused += 1;
      await pause((retryAfter ?? 1) * 1_000);
    }
  };
  await Promise.all(wires.map(poller));
  return { polls, refused };
}
