import { randomUUID } from 'node:crypto';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { rawArgs } from '../jobs.js';
import { p50, rate, repeat } from '../load.js';
import { type Measure, ratio, short } from '../measure.js';
import { alternate, median, quantile } from '../pairs.js';
import { residentMb } from '../process-cost.js';
import type { Rig } from '../rig.js';
import { Seen } from '../seen.js';

const rounds = 40;
const chatCount = 100;
/** 50 tokens a second. */
const saysEveryMs = 20;
const listenMs = 15_000;
const beginLimitMs = 60_000;
/** In which a reader takes a text for stuck that is written at such a pace. */
const gapMs = 1_000;
const pairs = 7;
const repliesABlock = 12;

/** How soon the first words of a reply are there, and what replies cost: a hundred at once, and one before it is asked for. */
export async function chats(rig: Rig): Promise<Measure[]> {
  return [await firstWords(rig), ...(await manyAtOnce(rig)), await ownCost(rig)];
}

async function firstWords(rig: Rig): Promise<Measure> {
  const behind: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    rig.models.next('clock', { everyMs: 1_000 });
    const { promise, resolve } = Promise.withResolvers<number>();
    const chat = await openChat(rig, (text) => {
      const told = /@(\d{13});/.exec(text)?.[1];
      if (told !== undefined) resolve(Date.now() - Number(told));
    });
    behind.push(await promise);
    await chat.stop();
  }
  return {
    name: "a reply's first words, from the model to who listens, p50",
    value: median(behind),
    unit: 'ms',
    goal: { atMost: 60 },
    detail: `${rounds} replies one at a time, p90 ${short(quantile(behind, 0.9))} ms, the longest ${short(Math.max(...behind))} ms`,
  };
}

async function manyAtOnce(rig: Rig): Promise<Measure[]> {
  for (let chat = 0; chat < chatCount; chat += 1) rig.models.next('clock', { everyMs: saysEveryMs });
  const seen = new Seen();
  const heardAt = new Map<number, number>();
  const gaps: number[] = [];
  const open: Chat[] = [];
  const begin = async (): Promise<void> => {
    const name = open.length;
    const chat = await openChat(rig, (text) => {
      const now = performance.now();
      seen.look(String(name), text);
      gaps.push(now - (heardAt.get(name) ?? now));
      heardAt.set(name, now);
    });
    open.push(chat);
  };
  await rate({ work: begin, times: chatCount, inFlight: 1 });
  const limit = performance.now() + beginLimitMs;
  while (heardAt.size < chatCount) {
    if (performance.now() > limit)
      throw new Error(`Only ${heardAt.size} of ${chatCount} replies have begun.`);
    await pause(50);
  }
  gaps.length = 0;
  seen.delays.length = 0;
  await pause(listenMs);
  const longest = Math.max(...gaps);
  const [api, worker] = [residentMb(rig.api.pid), residentMb(rig.workerPid)];
  const { delays } = seen;
  const detail =
    `${chatCount} replies at 50 words a second each: ${delays.length} words in ${listenMs / 1_000} s, ` +
    `p50 ${short(median(delays))} ms behind, p99 ${short(quantile(delays, 0.99))} ms`;
  await rate({ work: () => open.pop()?.stop() ?? Promise.resolve(), times: chatCount, inFlight: 10 });
  const name = `with ${chatCount} replies written at once`;
  return [
    {
      name: `times that a reader waited over ${gapMs / 1_000} s for the next words, ${name}`,
      value: gaps.filter((gap) => gap > gapMs).length,
      unit: 'calls',
      goal: { atMost: 0 },
      detail: `${detail}; the longest wait ${short(longest)} ms`,
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
  await repeat(20, reply);
  await repeat(100, start);
  const measured = await alternate(
    { subject: replies, denominator: () => p50({ work: start, blockMs: 1_000 }) },
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

interface Chat {
  /** ms since 1970. */
  readonly sentAt: number;
  /** Resolves when the stream is over. */
  readonly ended: Promise<unknown>;
  /** Ends the reply, and resolves when its stream is over. */
  stop(): Promise<void>;
}

/** Sends a message to a conversation of its own, and listens to the reply. @throws when it is refused */
async function openChat(rig: Rig, onText: (text: string) => void): Promise<Chat> {
  const id = `bench-${randomUUID()}`;
  const path = `/v1/conversations/${id}`;
  const created = await fetch(`${rig.api.url}/v1/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id }),
  });
  if (!created.ok) throw new Error(`A conversation was answered ${created.status}.`);
  await created.arrayBuffer();
  const sentAt = Date.now();
  const sent = post(rig, `${path}/messages`, { content: 'What time is it?' });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`A message was answered ${response.statusCode}.`);
  response.setEncoding('utf8');
  response.on('data', onText);
  const ended = once(response, 'end');
  return {
    sentAt,
    ended,
    async stop() {
      const stopped = await fetch(`${rig.api.url}${path}/stop`, { method: 'POST' });
      await stopped.arrayBuffer();
      await ended;
    },
  };
}

function post({ api }: Rig, path: string, body: object): ClientRequest {
  const sent = request(`${api.url}${path}`, {
    agent: false,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  sent.end(JSON.stringify(body));
  return sent;
}
