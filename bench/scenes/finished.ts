import { freePort } from '../../scripts/local/ports.js';
import { rate, repeat } from '../load.js';
import { type Measure, ratio, short } from '../measure.js';
import { alternate } from '../pairs.js';
import { cpuMs } from '../process-cost.js';
import type { Rig } from '../rig.js';
import { type Wire, openWires } from '../wire.js';

const connections = 32;
const pollsABlock = 4_000;
/** Until both have been compiled as well as they ever will be. */
const warmUpBlocks = 4;

/** Polls a second of a job that has ended, against a bare route of the same framework that answers the same bytes. */
export async function finished(rig: Rig): Promise<Measure[]> {
  const { id } = await rig.api.client.submit(rig.input);
  await rig.temporal.workflow.getHandle(id).result();
  const path = `/v1/jobs/${id}`;
  const body = await (await fetch(`${rig.api.url}${path}`)).text();
  const port = await freePort();
  const echo = await rig.startProgram('echo', 'dist/bench/echo-server.js', {
    PORT: String(port),
    BODY: body,
  });
  const ours = await polled({ url: rig.api.url, pid: rig.api.pid, path, body });
  const bare = await polled({ url: `http://127.0.0.1:${port}`, pid: echo.pid, path, body });
  try {
    for (const { warmUp } of [ours, bare]) await warmUp();
    const pairs = await alternate({ subject: ours.block, denominator: bare.block }, { pairs: 15 });
    const measure = ratio(pairs, {
      name: 'polls a second of a finished job, over an echo route',
      goal: { atLeast: 0.6 },
      unit: '/s',
      subject: 'polls',
      denominator: 'echoes',
    });
    const cost = [ours.cpuUs(), bare.cpuUs()];
    const told = cost.includes(null)
      ? ''
      : `; CPU of the server ${cost.map((us) => short(us ?? 0)).join(' us a poll against ')} us`;
    return [{ ...measure, detail: `${measure.detail}${told}; ${body.length} bytes` }];
  } finally {
    ours.close();
    bare.close();
  }
}

/**
 * Keeps this process from sleeping while the work lasts. The system charges the waking of a client to the server's
 * write. On a virtual machine that is more than the rest of a poll. A fast server never lets its client fall
 * asleep.
 */
async function awake<T>(work: () => Promise<T>): Promise<T> {
  let over = false;
  const turn = (): void => {
    if (!over) setImmediate(turn);
  };
  turn();
  try {
    return await work();
  } finally {
    over = true;
  }
}

async function polled({ url, pid, path, body }: { url: string; pid: number; path: string; body: string }) {
  const wires = await openWires(url, connections);
  const free: Wire[] = [...wires];
  const size = Buffer.byteLength(body);
  const work = async (): Promise<void> => {
    const wire = free.pop();
    if (!wire) throw new Error('More polls are in flight than there are connections.');
    const answer = await wire.get(path);
    if (answer.status !== 200 || answer.body.length !== size)
      throw new Error(`${url} answered something else.`);
    free.push(wire);
  };
  let before: number | null = null;
  let polls = 0;
  const block = (): Promise<number> => {
    polls += pollsABlock;
    return awake(() => rate({ work, times: pollsABlock, inFlight: connections }));
  };
  return {
    block,
    async warmUp() {
      await repeat(warmUpBlocks, block);
      before = cpuMs(pid);
      polls = 0;
    },
    cpuUs: (): number | null => {
      const after = cpuMs(pid);
      return before === null || after === null ? null : ((after - before) * 1_000) / polls;
    },
    close: () => {
      for (const wire of wires) wire.close();
    },
  };
}
