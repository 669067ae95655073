import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { Conversation, ReadConversation, SentMessage } from '../../../src/conversations/views.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type ApiProcess, startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

let house: House;
let proxy: TcpProxy;
/** Reaches Temporal through the proxy. */
let other: ApiProcess;

beforeAll(async () => {
  const temporal = new URL(`tcp://${temporalAddress()}`);
  [house, proxy] = await Promise.all([
    openHouse({ MODELS: 'openai/hang-mid-stream' }),
    startTcpProxy({ host: temporal.hostname, port: Number(temporal.port) }),
  ]);
  other = await startApiProcess({ ...house.env, TEMPORAL_ADDRESS: `127.0.0.1:${proxy.port}` });
  await house.startWorker();
});
afterAll(async () => {
  await other.kill();
  await proxy.close();
  await house.close();
});

it('a conversation is there until its reply could be stopped, and goes when the deletion is repeated', async () => {
  const { id } = (await house.ask<Conversation>('POST', '/v1/conversations', {})).body;
  const message = { content: `Newts ${'and so on '.repeat(60)}`, model: 'openai/hang-mid-stream' };
  const key = { 'idempotency-key': randomUUID() };
  const { body } = await house.ask<SentMessage>('POST', `/v1/conversations/${id}/messages`, message, key);
  await house.jobWhen(body.job.id, 'the model has begun', ({ output }) => Boolean(output?.text));
  const remove = async () => {
    const answer = await fetch(`${other.url}/v1/conversations/${id}`, {
      method: 'DELETE',
      headers: { connection: 'close' },
    });
    await answer.text();
    return answer.status;
  };
  proxy.cut();
  expect(await remove()).toBe(503);
  const { messages } = (await house.ask<ReadConversation>('GET', `/v1/conversations/${id}`)).body;
  expect(messages).toHaveLength(2);
  expect((await house.job(body.job.id)).done).toBe(false);
  proxy.restore();
  await until(async () => (await remove()) === 204, { what: 'the conversation is deleted' });
  const job = await house.jobWhen(body.job.id, 'the reply has stopped', ({ done }) => done);
  expect(job.status).toBe('cancelled');
  expect((await house.ask('GET', `/v1/conversations/${id}`)).status).toBe(404);
});

failOnLeftovers();
