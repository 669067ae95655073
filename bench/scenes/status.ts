import { setTimeout as pause } from 'node:timers/promises';
import { type GrpcProxy, startGrpcProxy } from '../../scripts/stand-ins/grpc-proxy.js';
import { rate } from '../load.js';
import { type Measure, ratio } from '../measure.js';
import { alternate } from '../pairs.js';
import type { Rig, RunningApi } from '../rig.js';

const crowd = 50;
/** Longer than any answer is shared, so that each of these polls has to ask for itself. */
const apartMs = 1_100;
const lonePolls = 5;
const jobMs = 60_000;

/** What polls of one running job cost upstream, and how many of them a second are answered. */
export async function status(rig: Rig): Promise<Measure[]> {
  const proxy = await startGrpcProxy(rig.temporalAddress);
  try {
    const counted = await rig.startApi({ TEMPORAL_ADDRESS: proxy.address });
    return [...(await upstreamCalls(rig, { counted, proxy })), await pollRate(rig)];
  } finally {
    await proxy.close();
  }
}

async function upstreamCalls(
  rig: Rig,
  { counted, proxy }: { counted: RunningApi; proxy: GrpcProxy },
): Promise<Measure[]> {
  const { client } = counted;
  const callsOf = async (work: () => Promise<unknown>) => {
    const names = ['DescribeWorkflowExecution', 'QueryWorkflow', undefined] as const;
    const before = names.map((name) => proxy.calls(name));
    await work();
    const [describes = 0, queries = 0, all = 0] = names.map(
      (name, at) => proxy.calls(name) - (before[at] ?? 0),
    );
    return { describes, queries, all };
  };
  const crowdOn = (id: string) =>
    callsOf(() => Promise.all(Array.from({ length: crowd }, () => client.poll(id))));

  const id = await runningJob(rig);
  const atFirst = await crowdOn(id);
  await pause(apartMs);
  const later = await crowdOn(id);
  const lone = await callsOf(async () => {
    for (let poll = 0; poll < lonePolls; poll += 1) {
      await pause(apartMs);
      await client.poll(id);
    }
  });
  await cancelled(rig, id);
  return [
    {
      name: 'describes a poll, one poller, history unchanged',
      value: lone.describes / lonePolls,
      unit: 'calls a poll',
      goal: { atMost: 1 },
      detail: `${lone.describes} describes for ${lonePolls} polls ${apartMs} ms apart`,
    },
    {
      name: 'queries, one poller, history unchanged',
      value: lone.queries,
      unit: 'calls',
      goal: { atMost: 0 },
      detail: `${lone.all} calls in all for ${lonePolls} polls`,
    },
    {
      name: `upstream calls for ${crowd} polls of one job at once`,
      value: Math.max(atFirst.all, later.all),
      unit: 'calls',
      goal: { atMost: 5 },
      detail: `${atFirst.describes} describe and ${atFirst.queries} query the first time, ${later.all} calls later`,
    },
  ];
}

/** Against raw describes in the same process: what a poll endpoint without a shared answer could do at best. */
async function pollRate(rig: Rig): Promise<Measure> {
  const id = await runningJob(rig);
  const handle = rig.temporal.workflow.getHandle(id);
  const polls = () => rate({ work: () => rig.api.client.poll(id), times: 2_000, inFlight: crowd });
  const describes = () => rate({ work: () => handle.describe(), times: 500, inFlight: crowd });
  await polls();
  await describes();
  const pairs = await alternate({ subject: polls, denominator: describes }, { pairs: 7 });
  await cancelled(rig, id);
  return ratio(pairs, {
    name: 'polls a second of one running job, over raw `describe`',
    unit: '/s',
    subject: 'polls',
    denominator: 'describes',
  });
}

/** A job in the middle of the model's answer, where nothing changes in its history for as long as it lasts. */
async function runningJob(rig: Rig): Promise<string> {
  rig.models.next('slow', { durationMs: jobMs });
  const asked = rig.models.calls.at(-1);
  const { id } = await rig.api.client.submit(rig.input);
  while (rig.models.calls.at(-1) === asked) await pause(20);
  return id;
}

async function cancelled(rig: Rig, id: string): Promise<void> {
  await rig.temporal.workflow.getHandle(id).cancel();
  let job = await rig.api.client.job(id);
  while (!job.done) {
    await pause(100);
    job = await rig.api.client.job(id);
  }
}
