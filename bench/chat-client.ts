import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import type { Rig } from './rig.js';

export interface Chat {
  /** ms since 1970. */
  readonly sentAt: number;
  /** Resolves when the stream is over. */
  readonly ended: Promise<unknown>;
  /** Ends the reply, and resolves when its stream is over. */
  stop(): Promise<void>;
}

type OnText = (text: string) => void;

/** Sends a message to a conversation of its own, and listens to the reply. @throws when it is refused */
export async function openChat({ api }: Rig, onText: OnText): Promise<Chat> {
  const id = `bench-${randomUUID()}`;
  const path = `/v1/conversations/${id}`;
  const created = await fetch(`${api.url}/v1/conversations`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ id }),
  });
  if (!created.ok) throw new Error(`A conversation was answered ${created.status}.`);
  await created.arrayBuffer();
  const sentAt = Date.now();
  const sent = post(`${api.url}${path}/messages`, { content: 'What time is it?' });
  const { ended } = await listen(sent, onText);
  return {
    sentAt,
    ended,
    async stop() {
      const stopped = await fetch(`${api.url}${path}/stop`, { method: 'POST' });
      await stopped.arrayBuffer();
      await ended;
    },
  };
}

/** Asks the provider itself, as the worker does, and listens to what it says. */
export async function openProvider({ models }: Rig, onText: OnText): Promise<Chat> {
  const sentAt = Date.now();
  const messages = [{ role: 'user', content: 'What time is it?' }];
  const sent = post(`${models.url}/chat/completions`, { model: 'instant', messages, stream: true });
  const { ended } = await listen(sent, onText);
  return {
    sentAt,
    ended,
    async stop() {
      sent.destroy();
      await ended;
    },
  };
}

async function listen(sent: ClientRequest, onText: OnText): Promise<Pick<Chat, 'ended'>> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  if (response.statusCode !== 200) throw new Error(`A message was answered ${response.statusCode}.`);
  response.setEncoding('utf8');
  response.on('data', onText);
  // Hanging up on the provider is an error of the connection.
  response.on('error', () => undefined);
  sent.on('error', () => undefined);
  return { ended: new Promise((resolve) => response.once('close', resolve)) };
}

function post(url: string, body: object): ClientRequest {
  const sent = request(url, {
    agent: false,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
  });
  sent.end(JSON.stringify(body));
  return sent;
}
