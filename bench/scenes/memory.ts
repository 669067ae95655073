import { setTimeout as pause } from 'node:timers/promises';
import type { Measure } from '../measure.js';
import { residentMb } from '../process-cost.js';
import type { Rig } from '../rig.js';

const jobs = 100;
/** Longer than the scene: no answer ends before all of them have been open together. */
const answerMs = 120_000;
/** How long they run together, each of them polled. */
const togetherMs = 5_000;
const everyMs = 250;
const beginLimitMs = 60_000;

/** The most memory API and worker hold from the submit of many jobs to their end, while every job is polled all the time. */
export async function memory(rig: Rig): Promise<Measure[]> {
  for (let job = 0; job < jobs; job += 1) rig.models.next('slow', { durationMs: answerMs });
  const submitted = await Promise.all(Array.from({ length: jobs }, () => rig.api.client.submit(rig.input)));
  const most = { api: 0, worker: 0 };
  const look = async (): Promise<boolean> => {
    most.api = Math.max(most.api, residentMb(rig.api.pid));
    most.worker = Math.max(most.worker, residentMb(rig.workerPid));
    const polled = await Promise.all(submitted.map(({ id }) => rig.api.client.job(id)));
    await pause(everyMs);
    return polled.every(({ done }) => done);
  };
  const beginLimit = performance.now() + beginLimitMs;
  while (openCalls(rig) < jobs) {
    if (performance.now() > beginLimit)
      throw new Error(`Only ${openCalls(rig)} of ${jobs} model calls began.`);
    await look();
  }
  const end = performance.now() + togetherMs;
  while (performance.now() < end) await look();
  await Promise.all(submitted.map(({ id }) => rig.temporal.workflow.getHandle(id).cancel()));
  while (!(await look()));
  const detail = `the most that was resident; ${jobs} model calls open at once, each job polled, then all cancelled`;
  return [
    { name: `API, ${jobs} jobs running`, value: most.api, unit: 'MB', goal: { atMost: 250 }, detail },
    { name: `worker, ${jobs} jobs running`, value: most.worker, unit: 'MB', goal: { atMost: 400 }, detail },
  ];
}

const openCalls = ({ models }: Rig): number =>
  models.calls.filter(({ closedAt }) => closedAt === null).length;
