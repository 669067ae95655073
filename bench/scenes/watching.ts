import { setTimeout as pause } from 'node:timers/promises';
import { startGrpcProxy } from '../../scripts/stand-ins/grpc-proxy.js';
import { heldJobs } from '../held-jobs.js';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig } from '../rig.js';
import { Seen } from '../seen.js';
import { type Wire, openWires } from '../wire.js';

const jobs = 200;
const pollersAJob = 10;
/** Every job's model says something as often, so that every job always has something new. */
const saysEveryMs = 1_500;
const settleMs = 8_000;
const countMs = 10_000;
const waitSeconds = 20;
/** Share of the pause by which a client that is told when to come again may be late. */
const mostLate = 0.25;
/** In which they come one after the other. */
const arrivalMs = 4_000;

/** What 2,000 pollers of 200 jobs cost upstream, and how soon they see what a step has logged. */
export async function watching(rig: Rig): Promise<Measure[]> {
  const proxy = await startGrpcProxy(rig.temporalAddress);
  try {
    const { url } = await rig.startApi({ TEMPORAL_ADDRESS: proxy.address });
    const held = await heldJobs(rig, { count: jobs, behaviour: 'clock', options: { everyMs: saysEveryMs } });
    const wires = await openWires(url, jobs * pollersAJob);
    const watch = (wait: number) => watched({ wires, ids: held.ids, wait, calls: () => proxy.calls() });
    try {
      const plain = await watch(0);
      const waiting = await watch(waitSeconds);
      return [
        ...measures(plain, { how: 'polled as Retry-After says', share: 0.5 }),
        ...measures(waiting, { how: 'waited for (Prefer: wait, If-None-Match)', share: 0.99 }),
      ];
    } finally {
      for (const wire of wires) wire.close();
      await held.release();
    }
  } finally {
    await proxy.close();
  }
}

interface Watched {
  polls: number;
  /** How many of them were answered 503. */
  putOff: number;
  calls: number;
  /** Of every change, in ms, until the first of a job's pollers has it, and until each of them has. */
  first: readonly number[];
  each: readonly number[];
}

/** @param share of the changes that are to be seen in time. How soon one is polled is up to the pollers. */
function measures(
  { polls, putOff, calls, first, each }: Watched,
  { how, share }: { how: string; share: number },
): Measure[] {
  const seconds = countMs / 1_000;
  return [
    {
      name: `${jobs} jobs and ${jobs * pollersAJob} pollers, ${how}: polls for an upstream call`,
      value: polls / Math.max(1, calls),
      unit: 'polls a call',
      goal: { atLeast: 50 },
      detail: `${short(polls / seconds)} polls and ${short(calls / seconds)} calls a second${putOff === 0 ? '' : `; ${putOff} polls were answered 503`}`,
    },
    {
      name: `a logged change, ${how}: until a poller has it, p${share * 100}`,
      value: quantile(first, share),
      unit: 'ms',
      goal: { atMost: 300 },
      detail: `${first.length} changes: ${figures(first)}; every poller: ${figures(each)}`,
    },
  ];
}

const figures = (values: readonly number[]): string =>
  `p50 ${short(quantile(values, 0.5))} ms, p99 ${short(quantile(values, 0.99))} ms, at most ${short(Math.max(...values))} ms`;

interface Watch {
  wires: readonly Wire[];
  ids: readonly string[];
  /** Seconds each poll lets its answer wait for a change; 0: polls that are answered at once, as often as they are told. */
  wait: number;
  calls(): number;
}

async function watched({ wires, ids, wait, calls }: Watch): Promise<Watched> {
  const over = new AbortController();
  const [first, each] = [new Seen(), new Seen()];
  let polls = 0;
  let putOff = 0;
  const poller = async (wire: Wire, index: number): Promise<void> => {
    const id = ids[index % ids.length] ?? '';
    let etag: string | null = null;
    // People do not all begin in the same moment.
    await pause((index / wires.length) * arrivalMs);
    while (!over.signal.aborted) {
      const headers: Record<string, string> = { ...(etag === null ? {} : { 'if-none-match': etag }) };
      if (wait > 0 && etag !== null) headers['prefer'] = `wait=${wait}`;
      const answer = await wire.get(`/v1/jobs/${id}`, headers);
      if (answer.status !== 200 && answer.status !== 304 && answer.status !== 503) {
        throw new Error(`A poll was answered ${answer.status}.`);
      }
      polls += 1;
      if (answer.status === 503) putOff += 1;
      else etag = answer.etag;
      if (answer.status === 200) {
        const text = answer.body.toString('latin1');
        first.look(id, text);
        each.look(`${id} ${index}`, text);
      }
      // Clients that all keep the same rhythm would end up in step, since those of one job are answered together.
      if (wait === 0 || answer.status === 503) {
        await pause((answer.retryAfter ?? 1) * 1_000 * (1 + Math.random() * mostLate));
      }
    }
  };
  const running = Promise.all(wires.map(poller));
  const counting = async (): Promise<Watched> => {
    await pause(settleMs);
    const before = { polls, putOff, calls: calls(), first: first.delays.length, each: each.delays.length };
    await pause(countMs);
    return {
      polls: polls - before.polls,
      putOff: putOff - before.putOff,
      calls: calls() - before.calls,
      first: first.delays.slice(before.first),
      each: each.delays.slice(before.each),
    };
  };
  const counted = await Promise.race([
    counting(),
    running.then(() => Promise.reject(new Error('Nobody polls.'))),
  ]);
  over.abort();
  await running;
  return counted;
}
