import { setTimeout as pause } from 'node:timers/promises';
import proto from '@temporalio/proto';
import pg from 'pg';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig, RunningApi } from '../rig.js';

const { PENDING_ACTIVITY_STATE_STARTED } = proto.temporal.api.enums.v1.PendingActivityState;

const rounds = 7;
const taskQueue = 'bench-lost';

/** From kill -9 of a worker until another one has taken up the step it had. */
export async function lost(rig: Rig): Promise<Measure[]> {
  const api = await rig.startApi({ TEMPORAL_TASK_QUEUE: taskQueue });
  let worker = await startWorker(rig, 0);
  const delays = { call: [] as number[], save: [] as number[] };
  for (let round = 1; round <= rounds; round += 1) {
    for (const kind of ['call', 'save'] as const) {
      const begun = kind === 'call' ? await inCall(rig, api) : await inSave(rig, api);
      const other = await startWorker(rig, round);
      process.kill(worker.pid, 'SIGKILL');
      const at = performance.now();
      await begun.again();
      delays[kind].push((performance.now() - at) / 1_000);
      await begun.end();
      worker = other;
    }
  }
  return (['call', 'save'] as const).map((kind) => ({
    name: `kill -9 of a worker in a ${kind === 'call' ? 'model call' : 'save'}, to the next attempt, p50`,
    value: quantile(delays[kind], 0.5),
    unit: 's',
    goal: { atMost: 3 },
    detail: `${rounds} workers one at a time, the longest ${short(Math.max(...delays[kind]))} s`,
  }));
}

const startWorker = (rig: Rig, round: number) =>
  rig.startProgram(`lost-worker-${round}`, 'dist/src/worker.js', { TEMPORAL_TASK_QUEUE: taskQueue });

interface Begun {
  /** Resolves when the step has been begun again. */
  again(): Promise<void>;
  /** Resolves when the job has ended. */
  end(): Promise<void>;
}

async function inCall(rig: Rig, { client }: RunningApi): Promise<Begun> {
  rig.models.next('hang-mid-stream');
  const { id } = await client.submit(rig.input);
  const calls = () => rig.models.calls.filter(({ requestId }) => requestId?.startsWith(`${id}/`)).length;
  while (calls() < 1) await pause(5);
  return {
    again: async () => {
      while (calls() < 2) await pause(5);
    },
    end: async () => void (await rig.temporal.workflow.getHandle(id).result()),
  };
}

async function inSave(rig: Rig, api: RunningApi): Promise<Begun> {
  const client = new pg.Client({ connectionString: rig.databaseUrl });
  await client.connect();
  await client.query('begin');
  await client.query('lock table words in exclusive mode');
  const { id } = await api.client.submit(rig.input);
  const attempts = async () => {
    const { raw } = await rig.temporal.workflow.getHandle(id).describe();
    const save = raw.pendingActivities?.find(({ activityId }) => activityId === 'save');
    return save?.lastStartedTime && save.state === PENDING_ACTIVITY_STATE_STARTED ? (save.attempt ?? 1) : 0;
  };
  while ((await attempts()) < 1) await pause(20);
  return {
    again: async () => {
      while ((await attempts()) < 2) await pause(20);
    },
    end: async () => {
      await client.query('commit');
      await client.end();
      await rig.temporal.workflow.getHandle(id).result();
    },
  };
}
