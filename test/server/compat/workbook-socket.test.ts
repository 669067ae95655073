import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { freePort } from '../../../scripts/local/ports.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { type WorkbookClient, workbookClient } from '../../harness/workbook-client.js';

let house: House;
let client: WorkbookClient;
let port: number;

beforeAll(async () => {
  port = await freePort();
  house = await openHouse({ MODEL: '', CHAT_SOCKET_PORT: String(port) });
  await house.startWorker();
  client = workbookClient(house);
});
afterAll(() => house.close());

interface Frame {
  type: string;
  chat_id: string | null;
  job_id: string | null;
  timestamp: string;
  [field: string]: unknown;
}

/** A socket, and what it has heard so far. */
async function listen(path = '/') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`);
  const frames: Frame[] = [];
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as Frame));
  await once(socket, 'open');
  return {
    frames,
    say: (frame: object) => socket.send(JSON.stringify(frame)),
    heard: (type: string, job?: string) =>
      until(
        async () =>
          frames.find((frame) => frame.type === type && (job === undefined || frame.job_id === job)) ?? false,
        { what: `"${type}" is heard`, seen: () => JSON.stringify(frames) },
      ),
    async close() {
      socket.close();
      await once(socket, 'close');
    },
  };
}

const run = async () => {
  const { chat, job } = await client.proposed();
  await client.confirm(chat);
  return { chat, job };
};

describe('the socket of conversations about workbooks', () => {
  it('tells how a plan goes, in the order in which it goes', async () => {
    const { chat, job } = await client.proposed();
    const socket = await listen(`/chat/${chat}`);
    await client.confirm(chat);
    await socket.heard('workflow_completed');
    await socket.close();
    const told = socket.frames.filter(({ job_id: id }) => id === job);
    const types = told.map(({ type }) => type);
    expect(types[0]).toBe('workflow_started');
    expect(types.at(-1)).toBe('workflow_completed');
    expect(socket.frames[0]).toMatchObject({ type: 'connected', chat_id: chat });
    expect(told[0]).toMatchObject({ total_steps: 1, chat_id: chat });
    expect(told.at(-1)).toMatchObject({ total_steps: 1, output_files_count: 1 });
    const progress = told.filter(({ type }) => type === 'progress');
    expect(progress.map((one) => one['progress'])).toEqual(expect.arrayContaining([0, 100]));
    expect(progress[0]).toMatchObject({ step_id: 'step-1', operation: 'json/generate', status: 'running' });
  });

  it('tells everything to who connects late, and on / the newest plan alone', async () => {
    const first = await run();
    await client.ended(first.chat, first.job);
    const second = await run();
    await client.ended(second.chat, second.job);
    const late = await listen(`/chat/${first.chat}`);
    await late.heard('workflow_completed', first.job);
    const root = await listen();
    await root.heard('workflow_completed', second.job);
    const third = await run();
    await root.heard('workflow_completed', third.job);
    await Promise.all([late.close(), root.close()]);
    expect(root.frames.some(({ job_id: job }) => job === first.job)).toBe(false);
    expect(late.frames.some(({ job_id: job }) => job === second.job)).toBe(false);
  });

  it('answers ping, subscribe and what it does not know', async () => {
    const { chat, job } = await run();
    const other = await run();
    await client.ended(other.chat, other.job);
    const socket = await listen();
    socket.say({ type: 'ping' });
    await socket.heard('pong');
    socket.say({ type: 'dance' });
    await socket.heard('ack');
    socket.say({ type: 'subscribe', chat_id: 'nobody' });
    await socket.heard('error');
    socket.say({ type: 'subscribe', chat_id: chat });
    const { chat_id } = await socket.heard('workflow_completed', job);
    expect(chat_id).toBe(chat);
    await socket.close();
  });

  it('looks up so many conversations a minute, and says so', async () => {
    const socket = await listen();
    for (let number = 0; number < 200; number += 1)
      socket.say({ type: 'subscribe', chat_id: `none-${number}` });
    socket.say({ type: 'ping' });
    await socket.heard('pong');
    const errorsOf = (text: RegExp) =>
      socket.frames.filter(({ type, message }) => type === 'error' && text.test(String(message)));
    await until(() => errorsOf(/not found/).length === 60, { what: 'sixty are looked up' });
    expect(errorsOf(/^Too many subscriptions/)).toHaveLength(140);
    await socket.close();
  });

  it('tells of a cancel as of a failure', async () => {
    const { chat, job } = await client.proposed();
    await house.db
      .insertInto('places')
      .values({ job_id: `before-${job}`, owner: 'local', kind: 'runWorkbookPlan', lane: chat, held: true })
      .execute();
    const socket = await listen(`/chat/${chat}`);
    await client.confirm(chat);
    await house.jobWhen(job, 'it queues', ({ status }) => status === 'queued');
    await client.say(chat, 'cancel');
    expect(await socket.heard('workflow_failed', job)).toMatchObject({ error: expect.any(String) });
    await socket.close();
  });

  it('lets the API run where its port is taken', async () => {
    const other = await openHouse({ MODEL: '', CHAT_SOCKET_PORT: String(port) });
    expect((await other.request('GET', '/healthz')).status).toBe(200);
    await other.close();
  });

  it('is not opened for a conversation that is not there', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/chat/nobody`);
    const [error] = (await once(socket, 'error')) as unknown as [Error];
    expect(error.message).toMatch(/404/);
  });
});

failOnLeftovers();
