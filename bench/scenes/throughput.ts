import { bareJob, ourJob } from '../jobs.js';
import { p50, rate, repeat } from '../load.js';
import { type Goal, type Measure, ratio, short } from '../measure.js';
import { type Block, alternate } from '../pairs.js';
import { cpuMs } from '../process-cost.js';
import type { Rig } from '../rig.js';

const inFlight = 50;
/** Enough that filling up and running dry weigh little; on a slow or busy machine fewer, so that the run ends in time. */
const mostJobsABlock = 100;
const blockSeconds = 4;
const aloneBlockMs = 1_200;

/** The three-step job against two workflows of a bare SDK worker on the same server: with the same steps, and with none. */
export async function throughput(rig: Rig): Promise<Measure[]> {
  const same = await against(rig, {
    workflow: 'threeSameSteps',
    name: `jobs a second, ${inFlight} in flight, over a bare SDK worker with the same steps that keeps nothing`,
    goal: { atLeast: 0.85 },
  });
  const empty = await against(rig, {
    workflow: 'threeEmptySteps',
    name: `jobs a second, ${inFlight} in flight, over three empty activities of the bare SDK`,
  });
  return [same, empty, await alone(rig)];
}

interface Opponent {
  workflow: 'threeSameSteps' | 'threeEmptySteps';
  name: string;
  goal?: Goal;
}

async function against(rig: Rig, { workflow, name, goal }: Opponent): Promise<Measure> {
  const ours = () => ourJob(rig);
  const bare = () => bareJob(workflow)(rig);
  await rate({ work: ours, times: 2 * inFlight, inFlight });
  const warm = await rate({ work: bare, times: 2 * inFlight, inFlight });
  const jobsABlock = Math.round(Math.min(Math.max(warm * blockSeconds, inFlight), mostJobsABlock));

  const cost = { ours: new Meter([rig.workerPid, rig.api.pid]), bare: new Meter([rig.bareWorkerPid]) };
  const block =
    (work: () => Promise<void>, meter: Meter): Block =>
    () =>
      meter.during(jobsABlock, () => rate({ work, times: jobsABlock, inFlight }));
  const rates = await alternate(
    { subject: block(ours, cost.ours), denominator: block(bare, cost.bare) },
    { pairs: 7 },
  );
  const jobs = ratio(rates, {
    name,
    ...(goal ? { goal } : {}),
    unit: 'jobs/s',
    subject: 'ours',
    denominator: 'bare',
  });
  const cpu = [cost.ours.perJob(), cost.bare.perJob()];
  const { putOff } = rig.api.client;
  const refused = putOff === 0 ? '' : `; ${putOff} requests were answered 503, waited and were settled`;
  const told = cpu.includes(null)
    ? ''
    : `; CPU a job ${cpu.map((ms) => short(ms ?? 0)).join(' ms (worker and API) against ')} ms (worker)`;
  return { ...jobs, detail: jobs.detail + told + refused };
}

async function alone(rig: Rig): Promise<Measure> {
  const ours = () => ourJob(rig);
  const bare = () => bareJob('threeEmptySteps')(rig);
  for (const work of [ours, bare]) await repeat(10, work);
  const pairs = await alternate(
    {
      subject: () => p50({ work: ours, blockMs: aloneBlockMs }),
      denominator: () => p50({ work: bare, blockMs: aloneBlockMs }),
    },
    { pairs: 7 },
  );
  return ratio(pairs, {
    name: 'one job alone, submit to end, p50 over the bare SDK',
    goal: { atMost: 2 },
    unit: 'ms',
    subject: 'ours',
    denominator: 'bare',
  });
}

/** What processes spend on jobs, over all blocks. */
class Meter {
  private spentMs: number | null = 0;
  private jobs = 0;

  constructor(private readonly pids: readonly number[]) {}

  async during<T>(jobs: number, work: () => Promise<T>): Promise<T> {
    const before = this.total();
    const value = await work();
    const after = this.total();
    this.spentMs =
      before === null || after === null || this.spentMs === null ? null : this.spentMs + after - before;
    this.jobs += jobs;
    return value;
  }

  perJob(): number | null {
    return this.spentMs === null ? null : this.spentMs / this.jobs;
  }

  private total(): number | null {
    return this.pids.map(cpuMs).reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
  }
}
