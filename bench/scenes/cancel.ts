import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import type { Call } from '../../scripts/stand-ins/model-server.js';
import { heldJobs } from '../held-jobs.js';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig } from '../rig.js';

const rounds = 60;
const unheardRounds = 8;

/** In ms, and but for the first from the 202. */
interface Delays {
  /** From the request. */
  answer: number;
  socket: number;
  closed: number;
}

/** From the answer to a cancel until the provider's socket is closed, and until Temporal has closed the run, one job at a time. */
export async function cancel(rig: Rig): Promise<Measure[]> {
  await cancelled(rig);
  const heard = await times(rounds, () => cancelled(rig));
  const unheard = await deafened(rig, () => times(unheardRounds, () => cancelled(rig)));
  const answer = `answered in ${figures(heard.map((delays) => delays.answer))}`;
  const sockets = heard.map(({ socket }) => socket);
  const closes = heard.map(({ closed }) => closed);
  const lost = unheard.map(({ closed }) => closed);
  const one = `${rounds} jobs one at a time; ${answer}`;
  return [
    {
      name: "cancel, from the 202 to the end of the provider's socket, p50",
      value: quantile(sockets, 0.5),
      unit: 'ms',
      goal: { atMost: 20 },
      detail: one,
    },
    {
      name: "cancel, from the 202 to the end of the provider's socket, p99",
      value: quantile(sockets, 0.99),
      unit: 'ms',
      goal: { atMost: 100 },
      detail: `the longest ${short(Math.max(...sockets))} ms`,
    },
    {
      name: 'cancel, from the 202 to the run closed as cancelled, p50',
      value: quantile(closes, 0.5),
      unit: 'ms',
      goal: { atMost: 150 },
      detail: figures(closes),
    },
    {
      name: 'cancel whose notice is lost, to the run closed, the longest',
      value: Math.max(...lost),
      unit: 'ms',
      goal: { atMost: 1_500 },
      detail: `${unheardRounds} jobs one at a time, p50 ${short(quantile(lost, 0.5))} ms`,
    },
  ];
}

const figures = (values: readonly number[]): string =>
  `p50 ${short(quantile(values, 0.5))} ms, p99 ${short(quantile(values, 0.99))} ms`;

async function times<T>(count: number, work: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  while (all.length < count) all.push(await work());
  return all;
}

async function cancelled(rig: Rig): Promise<Delays> {
  const { ids } = await heldJobs(rig, { count: 1, behaviour: 'hang-mid-stream' });
  const [id = ''] = ids;
  const call = rig.models.calls.at(-1);
  if (!call) throw new Error('The model was not asked.');
  const asked = Date.now();
  await rig.api.client.cancel(id);
  const answered = Date.now();
  const handle = rig.temporal.workflow.getHandle(id);
  // It ends as cancelled, which its result says by throwing.
  await handle.result().catch(() => undefined);
  const { closeTime, status } = await handle.describe();
  if (!closeTime || status.name !== 'CANCELLED') throw new Error(`The job ${id} ended as ${status.name}.`);
  return {
    answer: answered - asked,
    socket: Math.max(0, (await hungUp(call)) - answered),
    closed: Math.max(0, closeTime.getTime() - answered),
  };
}

async function hungUp(call: Call): Promise<number> {
  while (call.closedAt === null) await pause(5);
  return call.closedAt;
}

/** Ends the connection on which the workers hear of cancels again and again, for as long as the work lasts. */
async function deafened<T>({ databaseUrl }: Rig, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  const over = new AbortController();
  const deafening = (async () => {
    while (!over.signal.aborted) {
      await client.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'longhaul-worker-notices'`,
      );
      await pause(5);
    }
  })();
  try {
    return await work();
  } finally {
    over.abort();
    await deafening;
    await client.end();
  }
}
