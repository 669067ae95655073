import { type ClientRequest, type IncomingMessage, get } from 'node:http';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { collectedMb, collecting } from '../collected.js';
import { heldJobs } from '../held-jobs.js';
import { rate } from '../load.js';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig, RunningApi } from '../rig.js';
import { Seen } from '../seen.js';

const speakers = 10;
const saysEveryMs = 200;
const listenMs = 6_000;
const streamCount = 1_000;
const jobCount = 100;

/** How soon what a step says is with those who listen, and what those who listen cost. */
export async function streams(rig: Rig): Promise<Measure[]> {
  const told = await delay(rig);
  const held = await heldJobs(rig, { count: jobCount, behaviour: 'hang-mid-stream' });
  try {
    const shared = await memory(rig, held.ids);
    const own = await memory(rig, await waitingJobs(rig));
    return [
      told,
      { ...shared, name: `memory of the API for a stream, ${streamCount} of ${jobCount} running jobs` },
      { ...own, name: `memory of the API for a stream, ${streamCount} of as many waiting jobs` },
    ];
  } finally {
    await held.release();
  }
}

async function delay(rig: Rig): Promise<Measure> {
  const held = await heldJobs(rig, {
    count: speakers,
    behaviour: 'clock',
    options: { everyMs: saysEveryMs },
  });
  const seen = new Seen();
  const open = await Promise.all(
    held.ids.map((id) => openStream(rig.api, { id, onText: (text) => seen.look(id, text) })),
  );
  await pause(listenMs);
  for (const stream of open) stream.destroy();
  await held.release();
  return {
    name: 'from what the model says to an SSE client, p50',
    value: quantile(seen.delays, 0.5),
    unit: 'ms',
    goal: { atMost: 50 },
    detail:
      `${seen.delays.length} words of ${speakers} jobs: p99 ${short(quantile(seen.delays, 0.99))} ms, ` +
      `at most ${short(Math.max(...seen.delays))} ms`,
  };
}

/** What resident memory grows by in a process that has served such streams before, a stream. */
async function memory(rig: Rig, ids: readonly string[]): Promise<Omit<Measure, 'name'>> {
  const api = await rig.startApi({
    MAX_STREAMS: String(2 * streamCount),
    ...collecting,
  });
  const openAll = async (count: number): Promise<ClientRequest[]> => {
    const left = Array.from({ length: count }, (_, index) => ids[index % ids.length] ?? '');
    const open: ClientRequest[] = [];
    const one = async () => void open.push(await openStream(api, { id: left.pop() ?? '' }));
    await rate({ work: one, times: count, inFlight: 20 });
    return open;
  };
  // The first of everything costs what later ones do not.
  for (const stream of await openAll(jobCount)) stream.destroy();
  const before = await collectedMb(api);
  const open = await openAll(streamCount);
  const after = await collectedMb(api);
  const lost = open.filter(({ destroyed }) => destroyed).length;
  if (lost > 0) throw new Error(`${lost} of ${streamCount} streams did not last.`);
  for (const stream of open) stream.destroy();
  return {
    value: ((after - before) * 1_000) / streamCount,
    unit: 'kB',
    goal: { atMost: 60 },
    detail: `resident memory, garbage collected, from ${short(before)} MB to ${short(after)} MB`,
  };
}

/** Nobody polls their task queue. */
async function waitingJobs(rig: Rig): Promise<string[]> {
  const { client } = await rig.startApi({ TEMPORAL_TASK_QUEUE: 'bench-unattended' });
  const ids: string[] = [];
  const submit = async () => void ids.push((await client.submit(rig.input)).id);
  await rate({ work: submit, times: streamCount, inFlight: 20 });
  return ids;
}

/** Resolves when the stream has begun. @throws when it is refused */
async function openStream(
  { url }: RunningApi,
  { id, onText }: { id: string; onText?: (text: string) => void },
): Promise<ClientRequest> {
  const request = get(`${url}/v1/jobs/${id}/events`, {
    agent: false,
    headers: { accept: 'text/event-stream' },
  });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`A stream was answered ${response.statusCode}.`);
  // Hanging up is how these streams end.
  request.on('error', () => undefined);
  response.on('error', () => undefined);
  response.setEncoding('utf8');
  if (onText) response.on('data', onText);
  else response.resume();
  return request;
}
