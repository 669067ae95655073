import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { type Chat, openChat, openProvider } from '../chat-client.js';
import { rawArgs } from '../jobs.js';
import { p50, rate, repeat } from '../load.js';
import { type Measure, ratio, short } from '../measure.js';
import { alternate, median, quantile } from '../pairs.js';
import { cpuMs, residentMb } from '../process-cost.js';
import type { Rig } from '../rig.js';
import { Seen } from '../seen.js';

const rounds = 20;
const chatCount = 100;
/** 50 tokens a second. */
const saysEveryMs = 20;
const listenMs = 10_000;
const beginLimitMs = 30_000;
/** In which a reader takes a text for stuck that is written at such a pace. */
const gapMs = 1_000;
const pairs = 5;
const repliesABlock = 8;

/** How soon the first words of a reply are there, and what replies cost: one before it is asked for, and a hundred at once. */
export async function chats(rig: Rig): Promise<Measure[]> {
  return [await firstWords(rig), await ownCost(rig), ...(await manyAtOnce(rig))];
}

type Open = typeof openChat;

/** Ours and the provider's own stream take turns, so that what the stand-in and the reader take is in both. */
async function firstWords(rig: Rig): Promise<Measure> {
  const ours: number[] = [];
  const own: number[] = [];
  // The first replies of a process cost what later ones do not.
  await repeat(5, () => firstWordsOf(rig, openChat));
  for (let round = 0; round < rounds; round += 1) {
    ours.push(await firstWordsOf(rig, openChat));
    own.push(await firstWordsOf(rig, openProvider));
  }
  return {
    name: "a reply's first words, to who listens, p50 behind the provider's own stream",
    value: median(ours) - median(own),
    unit: 'ms',
    goal: { atMost: 60 },
    detail:
      `${rounds} replies one at a time: p50 ${short(median(ours))} ms, p90 ${short(quantile(ours, 0.9))} ms, ` +
      `the provider's own p50 ${short(median(own))} ms`,
  };
}

async function firstWordsOf(rig: Rig, open: Open): Promise<number> {
  rig.models.next('clock', { everyMs: 1_000 });
  const { promise, resolve } = Promise.withResolvers<number>();
  const chat = await open(rig, (text) => {
    const told = /@(\d{13});/.exec(text)?.[1];
    if (told !== undefined) resolve(Date.now() - Number(told));
  });
  const took = await promise;
  await chat.stop();
  return took;
}

async function manyAtOnce(rig: Rig): Promise<Measure[]> {
  const readers: Reader[] = [];
  const begin = async (open: Open): Promise<Reader> => {
    rig.models.next('clock', { everyMs: saysEveryMs });
    const reader = new Reader();
    reader.chat = await open(rig, (text) => reader.hear(text));
    return reader;
  };
  await rate({
    work: async () => void readers.push(await begin(openChat)),
    times: chatCount,
    inFlight: 4,
  });
  const provider = await begin(openProvider);
  const limit = performance.now() + beginLimitMs;
  while (readers.some(({ begun }) => !begun)) {
    if (performance.now() > limit)
      throw new Error(`Only ${readers.filter(({ begun }) => begun).length} replies have begun.`);
    await pause(50);
  }
  for (const reader of [...readers, provider]) reader.restart();
  const cpu = cpuShares(rig);
  await pause(listenMs);
  const shares = cpu();
  for (const reader of [...readers, provider]) reader.hear('');
  const said = provider.seen.delays.length;
  const [api, worker] = [residentMb(rig.api.pid), residentMb(rig.workerPid)];
  const delays = readers.flatMap(({ seen }) => seen.delays);
  const gaps = readers.flatMap(({ gaps: own }) => own);
  await rate({ work: async () => readers.pop()?.chat?.stop(), times: chatCount, inFlight: 10 });
  await provider.chat?.stop();
  const name = `with ${chatCount} replies written at once`;
  return [
    {
      name: `times that a reader waited over ${gapMs / 1_000} s for the next words, ${name}`,
      value: gaps.filter((gap) => gap > gapMs).length,
      unit: 'calls',
      goal: { atMost: 0 },
      detail:
        `${delays.length} words in ${listenMs / 1_000} s, p50 ${short(median(delays))} ms behind, ` +
        `p99 ${short(quantile(delays, 0.99))} ms, the longest wait ${short(Math.max(...gaps))} ms; the provider's own ` +
        `stream: ${said} words, p50 ${short(median(provider.seen.delays))} ms, the longest wait ` +
        `${short(Math.max(...provider.gaps))} ms; ${shares}`,
    },
    { name: `memory of the API ${name}`, value: api, unit: 'MB', goal: { atMost: 500 }, detail: 'resident' },
    {
      name: `memory of the worker ${name}`,
      value: worker,
      unit: 'MB',
      goal: { atMost: 500 },
      detail: 'resident',
    },
  ];
}

/** What one reader hears, and when. */
class Reader {
  readonly seen = new Seen();
  readonly gaps: number[] = [];
  chat: Chat | null = null;
  begun = false;
  private heardAt = 0;

  /** @param text nothing, for the silence that goes on */
  hear(text: string): void {
    const now = performance.now();
    if (text.includes('@')) this.begun = true;
    this.seen.look('', text);
    this.gaps.push(now - this.heardAt);
    this.heardAt = now;
  }

  restart(): void {
    this.gaps.length = 0;
    this.seen.delays.length = 0;
    this.heardAt = performance.now();
  }
}

/** Says what share of a processor each process has from now on. The stand-in and the readers are this process. */
function cpuShares(rig: Rig): () => string {
  const pids = { worker: rig.workerPid, API: rig.api.pid, 'stand-in and readers': process.pid };
  const began = performance.now();
  const before = Object.values(pids).map(cpuMs);
  return () => {
    const elapsedMs = performance.now() - began;
    const shares = Object.entries(pids).map(([name, pid], index) => {
      const usedMs = (cpuMs(pid) ?? Number.NaN) - (before[index] ?? Number.NaN);
      return `${name} ${Math.round((100 * usedMs) / elapsedMs)} %`;
    });
    return `of a processor ${shares.join(', ')}`;
  };
}

/** From a message to the request that the model gets, over the start of a workflow that nobody takes. */
async function ownCost(rig: Rig): Promise<Measure> {
  const reply = async (): Promise<number> => {
    const before = rig.models.calls.at(-1);
    const chat = await openChat(rig, () => undefined);
    await chat.ended;
    const call = rig.models.calls.at(-1);
    if (!call || call === before) throw new Error('The model was not asked.');
    return call.at - chat.sentAt;
  };
  const replies = async (): Promise<number> => {
    const took: number[] = [];
    while (took.length < repliesABlock) took.push(await reply());
    return median(took);
  };
  const start = () =>
    rig.temporal.workflow.start('extractArticle', {
      workflowId: `raw-${randomUUID()}`,
      taskQueue: 'bench-unattended',
      args: rawArgs(rig),
    });
  await repeat(5, reply);
  await repeat(50, start);
  const measured = await alternate(
    { subject: replies, denominator: () => p50({ work: start, blockMs: 700 }) },
    { pairs },
  );
  return ratio(measured, {
    name: 'a reply, from its message to the request to the model, p50 over a raw `workflow.start`',
    goal: { atMost: 2.5 },
    unit: 'ms',
    subject: 'message to request',
    denominator: 'start',
  });
}
