import { once } from 'node:events';
import { request } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import { startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { leastMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { type WatchedJobs, upTo, watchedJobs } from '../../harness/watched-jobs.js';
import { whileBusy } from '../../harness/while-busy.js';

interface Frame {
  job?: string;
  event?: JobEvent;
  error?: Failure;
}

interface Client {
  socket: WebSocket;
  frames: Frame[];
  say(frame: unknown): void;
  numbers(job: string): number[];
  upTo(job: string, seq: number): Promise<void>;
  /** Waits for the n-th error. */
  error(n?: number): Promise<Frame>;
}

let house: House;
let jobs: WatchedJobs;
const open: WebSocket[] = [];

beforeAll(async () => {
  house = await openHouse({ MAX_STREAMS: '20', RATE_LIMIT_STREAM: '0' });
  jobs = watchedJobs(house);
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.terminate();
});
afterAll(() => house.close());

const address = (url = house.url) => `${url.replace(/^http/, 'ws')}/v1/events`;

/** Refused with 503 by a process that has just started and is still looking for its database. */
const isPutOff = (refused: unknown) => String(refused).includes('503');

async function connect({ url }: { url?: string } = {}): Promise<Client> {
  const opened = async () => {
    const ws = new WebSocket(address(url));
    open.push(ws);
    const received: Frame[] = [];
    ws.on('message', (data: Buffer) => received.push(JSON.parse(data.toString()) as Frame));
    ws.on('error', () => undefined);
    const refused: unknown = await once(ws, 'open').then(
      () => null,
      (error: unknown) => error,
    );
    return { socket: ws, frames: received, refused };
  };
  const { socket, frames, refused } = await whileBusy(opened, (one) => (isPutOff(one.refused) ? 503 : 101));
  if (refused) throw new Error('the socket was refused', { cause: refused });
  const numbers = (job: string) =>
    frames.flatMap((frame) => (frame.job === job ? (frame.event?.seq ?? []) : []));
  return {
    socket,
    frames,
    say: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    numbers,
    async upTo(job, seq) {
      await until(() => (numbers(job).at(-1) ?? 0) >= seq, { what: `event ${seq} has come`, everyMs: 5 });
    },
    error: (n = 1) => until(() => frames.filter(({ error }) => error)[n - 1], { what: 'an error has come' }),
  };
}

/** How the API answers an upgrade that it refuses. */
function refusal(headers: Record<string, string>, path = '/v1/events') {
  return new Promise<{ status: number; body: string }>((resolve, reject) => {
    const asked = request(`${house.url}${path}`, {
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...headers,
      },
    });
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      reject(new Error('the upgrade was not refused'));
    });
    asked.on('response', (response) => {
      let body = '';
      response.on('data', (text: Buffer) => (body += text.toString()));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** Of which nobody tells anything but the test. */
const newJob = () => jobs.start();
const terminate = (id: string) => house.temporal.workflow.getHandle(id).terminate('by an operator');
const tell = (id: string, count?: number, message?: string) => jobs.tell(id, count, message);

describe('a socket', () => {
  it('follows many jobs, each resumed by number', async () => {
    const [one, other] = await Promise.all([newJob(), newJob()]);
    await Promise.all([tell(one, 3), tell(other, 3)]);
    const client = await connect();
    client.say({ subscribe: [{ job: one }, { job: other, after: 2 }] });
    await Promise.all([client.upTo(one, 3), client.upTo(other, 3)]);
    await Promise.all([tell(one, 1), tell(other, 1)]);
    await Promise.all([client.upTo(one, 4), client.upTo(other, 4)]);
    expect(client.numbers(one)).toEqual([1, 2, 3, 4]);
    expect(client.numbers(other)).toEqual([3, 4]);
  });

  it('stops following a job when told to', async () => {
    const [left, followed] = await Promise.all([newJob(), newJob()]);
    const client = await connect();
    client.say({ subscribe: [{ job: left }, { job: followed }] });
    await Promise.all([tell(left, 1), tell(followed, 1)]);
    await Promise.all([client.upTo(left, 1), client.upTo(followed, 1)]);
    client.say({ unsubscribe: [left] });
    client.say({ subscribe: [{ job: followed, after: 0 }] });
    await until(() => client.numbers(followed).length === 2, { what: 'the job is followed anew' });
    await Promise.all([tell(left, 1), tell(followed, 1)]);
    await client.upTo(followed, 2);
    expect(client.numbers(left)).toEqual([1]);
    expect(client.numbers(followed)).toEqual([1, 1, 2]);
  });

  it('tells the end, also to who has it, and stays open for other jobs', async () => {
    const [id, next] = await Promise.all([newJob(), newJob()]);
    const client = await connect();
    client.say({ subscribe: [{ job: id }] });
    await terminate(id);
    await client.upTo(id, 1);
    expect(client.frames.at(-1)?.event).toMatchObject({ type: 'end', data: { status: 'terminated' } });
    client.say({ subscribe: [{ job: id, after: 1 }] });
    await until(() => client.numbers(id).length === 2, { what: 'the end is told again' });
    await tell(next, 1);
    client.say({ subscribe: [{ job: next }] });
    await client.upTo(next, 1);
  });

  it('answers for a job that is not there, and goes on', async () => {
    const id = await newJob();
    await tell(id, 1);
    const client = await connect();
    client.say({ subscribe: [{ job: 'job_nope' }, { job: id }] });
    expect(await client.error()).toMatchObject({
      job: 'job_nope',
      error: { code: 'job-not-found', status: 404 },
    });
    await client.upTo(id, 1);
  });

  it.each([
    ['no JSON', '{', 'malformed-json'],
    ['nothing to do', '{}', 'validation-failed'],
    ['another word', '{"follow":["a"]}', 'validation-failed'],
    ['no object', '[]', 'validation-failed'],
    ['null', 'null', 'validation-failed'],
    ['a number that is none', '{"subscribe":[{"job":"a","after":-1}]}', 'validation-failed'],
    ['too many jobs', JSON.stringify({ unsubscribe: Array(101).fill('a') }), 'validation-failed'],
  ])('answers a malformed frame and goes on: %s', async (_, text, code) => {
    const id = await newJob();
    await tell(id, 1);
    const client = await connect();
    client.say(text);
    expect((await client.error()).error?.code).toBe(code);
    client.say({ subscribe: [{ job: id }] });
    await client.upTo(id, 1);
  });

  it('answers a binary frame', async () => {
    const client = await connect();
    client.socket.send(Buffer.from([0, 1, 2]));
    expect((await client.error()).error?.code).toBe('malformed-json');
  });

  it('ends with a frame that is too large', async () => {
    const client = await connect();
    client.say(JSON.stringify({ unsubscribe: ['x'.repeat(40_000)] }));
    const [code] = (await once(client.socket, 'close')) as [number];
    expect(code).toBe(1009);
    expect((await house.request('GET', '/healthz')).status).toBe(200);
  });

  it('follows at most 100 jobs', async () => {
    const client = await connect();
    const ids = await Promise.all(upTo(5).map(newJob));
    client.say({ subscribe: upTo(96).map((n) => ({ job: ids[n % 5] ?? '', after: 0 })) });
    await tell(ids[0] ?? '', 1);
    await client.upTo(ids[0] ?? '', 1);
    expect(client.frames.filter(({ error }) => error)).toEqual([]);
    client.say({ subscribe: upTo(100).map((n) => ({ job: `job_${n}` })) });
    await until(() => client.frames.filter(({ error }) => error).length === 100, { what: 'all are refused' });
    const codes = client.frames.flatMap(({ error }) => error?.code ?? []);
    expect(codes.filter((code) => code === 'too-many-streams').length).toBe(5);
  });

  it('lets a reader that takes nothing go from a job, with a reason', async () => {
    const id = await newJob();
    const client = await connect();
    client.say({ subscribe: [{ job: id }] });
    await tell(id, 1);
    await client.upTo(id, 1);
    client.socket.pause();
    const long = 'x'.repeat(100_000);
    for (const _ of upTo(30)) await tell(id, 6, long);
    client.socket.resume();
    expect(await client.error()).toMatchObject({ job: id, error: { code: 'reader-too-slow' } });
    const last = client.numbers(id).at(-1) ?? 0;
    client.say({ subscribe: [{ job: id, after: last }] });
    await client.upTo(id, 181);
    expect(client.numbers(id)).toEqual(upTo(181));
  });
});

describe('an upgrade', () => {
  it.each<[string, Record<string, string>]>([
    ['from a page of another site', { origin: 'https://evil.example' }],
    ['under the name of another host', { host: 'evil.example' }],
  ])('is refused %s', async (_, headers) => {
    const { status, body } = await refusal(headers);
    expect(status).toBe(403);
    expect(JSON.parse(body)).toMatchObject({ code: 'host-refused', status: 403 });
  });

  it('beyond the limit of the owner is refused', async () => {
    const clients = await Promise.all(upTo(20).map(() => connect()));
    const { status, body } = await refusal({});
    expect(status).toBe(429);
    expect(JSON.parse(body)).toMatchObject({ code: 'too-many-streams' });
    clients[0]?.socket.terminate();
    await until(async () => (await connect()).socket.readyState === WebSocket.OPEN, {
      what: 'a place is free',
    });
  });

  it('that is no WebSocket, or goes elsewhere, is an ordinary request', async () => {
    expect((await refusal({ upgrade: 'h2c' }, '/healthz')).status).toBe(200);
    expect((await refusal({}, '/healthz')).status).toBe(200);
    expect((await refusal({}, '/v1/nowhere')).status).toBe(404);
    expect(JSON.parse((await refusal({ upgrade: 'h2c' })).body)).toMatchObject({ items: [] });
  });
});

it('soon closes its sockets when the API process ends', async () => {
  const id = await newJob();
  await tell(id, 1);
  const least = await leastMs(promptMs, async () => {
    const api = await startApiProcess(house.env);
    const clients = await Promise.all(upTo(10).map(() => connect({ url: api.url })));
    for (const client of clients) client.say({ subscribe: [{ job: id }] });
    await Promise.all(clients.map((client) => client.upTo(id, 1)));
    const closed = Promise.all(clients.map(({ socket }) => once(socket, 'close')));
    const from = performance.now();
    await api.stop();
    const tookMs = performance.now() - from;
    expect((await closed).map(([code]) => code as number)).toEqual(Array(10).fill(1001));
    return tookMs;
  });
  expect(least).toBeLessThan(promptMs);
});

failOnLeftovers();
