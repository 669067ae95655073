import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import {
  behaviours,
  isBehaviourName,
  type BehaviourName,
  type BehaviourOptions,
} from './model-behaviours.js';
import { type AnswerName, type Dialect, anthropicDialect, openAiDialect } from './model-dialects.js';
import { readRequest } from './model-request.js';
import { Exchange, type Call } from './model-exchange.js';

export type { BehaviourName, BehaviourOptions } from './model-behaviours.js';
export type { Call } from './model-exchange.js';

export interface ModelServer {
  /** What OPENAI_BASE_URL and ANTHROPIC_BASE_URL take. */
  url: string;
  /** The most recent calls, oldest first; a load test makes more than anyone reads. */
  calls: readonly Call[];
  /** How the next call that has no behaviour yet is treated; repeat it for several. */
  next(behaviour: BehaviourName, options?: BehaviourOptions): void;
  /** Cuts what is still open. */
  close(): Promise<void>;
}

const rememberedCalls = 1000;
const carriesKey = /^(authorization|x-api-key|cookie)$/;

/** Which protocol is spoken at which path. */
const dialects: Readonly<Record<string, (name: AnswerName) => Dialect>> = {
  'POST /v1/chat/completions': openAiDialect,
  'POST /v1/messages': anthropicDialect,
};

/**
 * Plays the models of OpenAI (and of those who copy its protocol) and Anthropic over real HTTP. A call is treated as `next` said, otherwise as its model's name
 * says (`slow`, `instant`, `rate-limited`, ...), otherwise it is answered at once.
 *
 * @param options.remembered how many of the latest calls are kept
 */
export async function startModelServer({
  port = 0,
  remembered = rememberedCalls,
} = {}): Promise<ModelServer> {
  const calls: Call[] = [];
  const queue: { behaviour: BehaviourName; options: BehaviourOptions }[] = [];

  async function answer(
    request: IncomingMessage,
    response: ServerResponse,
    speak: (name: AnswerName) => Dialect,
  ): Promise<void> {
    const body = await json(request);
    const asked = readRequest(body);
    const { model, refusal } = asked;
    const queued = queue.shift();
    const behaviour = queued?.behaviour ?? (isBehaviourName(model) ? model : 'answer');
    const id = randomUUID();
    const call: Call = {
      at: Date.now(),
      id,
      requestId: request.headers['x-client-request-id']?.toString() ?? null,
      model,
      behaviour,
      body,
      headers: withoutKeys(request),
      bytesSent: 0,
      streamed: false,
      told: null,
      finished: false,
      finishedAt: null,
      closedAt: null,
      abandoned: false,
    };
    calls.push(call);
    if (calls.length > remembered) calls.shift();
    const exchange = new Exchange(response, { asked, call, dialect: speak({ ...asked, id }) });
    if (refusal) exchange.refuse(400, refusal);
    else await behaviours[behaviour](exchange, queued?.options ?? {});
  }

  const server = createServer((request, response) => {
    const route = `${request.method} ${request.url}`;
    const dialect = dialects[route];
    if (dialect) {
      answer(request, response, dialect).catch((error: unknown) => {
        if (!response.destroyed) response.destroy(error instanceof Error ? error : undefined);
      });
    } else if (route === 'GET /v1/models') {
      const data = Object.keys(behaviours).map((id) => ({
        id,
        object: 'model',
        created: 0,
        owned_by: 'stand-in',
      }));
      reply(response, { object: 'list', data });
    } else if (route === 'GET /calls') {
      reply(response, calls);
    } else {
      response.writeHead(404).end();
    }
  });
  // A busy client would otherwise find its idle connection closed by the time it uses it again.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls,
    next: (behaviour, options = {}) => void queue.push({ behaviour, options }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

function reply(response: ServerResponse, payload: unknown): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(payload));
}

function withoutKeys({ headers }: IncomingMessage): Record<string, string> {
  const shown = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    carriesKey.test(name) ? '(a key)' : String(value),
  ]);
  return Object.fromEntries(shown);
}

if (import.meta.filename === process.argv[1]) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
  const server = await startModelServer({ port: Number(values.port) });
  console.log(`The stand-in model listens on ${server.url}`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void server.close());
}
