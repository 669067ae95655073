import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import {
  type ClientHttp2Stream,
  type ServerHttp2Session,
  type ServerHttp2Stream,
  connect,
  constants,
  createServer,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { grpcCodes } from '../../src/temporal/grpc-codes.js';

export interface GrpcProxy {
  /** host:port, to be used in place of the server's. */
  readonly address: string;
  /** How often a method, such as `QueryWorkflow`, has been called; without a name, all of them. */
  calls(method?: string): number;
  /** Keeps what is asked from the server, or what it answers from the client, until it is released. */
  hold(method: string, what: Held): Hold;
  /** Answers a method's next calls itself, as a server that cannot take them now. @param times 0: none any more */
  refuse(method: string, times: number): void;
  close(): Promise<void>;
}

export type Held = 'request' | 'answer';

export interface Hold {
  /** Resolves when the first call is held. */
  readonly reached: Promise<void>;
  /**
   * Lets go of what is held and holds no more. A request reaches the server although its client may be gone by then.
   * Resolves when the server has dealt with all of it.
   */
  release(): Promise<void>;
}

interface Barrier {
  what: Held;
  reached(): void;
  released: Promise<void>;
  passing: Promise<unknown>[];
}

/** RESOURCE_EXHAUSTED, as Temporal says it of a run that too many calls ask about at once. */
const busy = {
  'content-type': 'application/grpc',
  'grpc-status': String(grpcCodes.resourceExhausted),
  'grpc-message': 'Workflow is busy.',
};

/**
 * Stands between a client and its gRPC server and counts what crosses. It counts every call as it is on the wire,
 * those that the client's library repeats included.
 */
export async function startGrpcProxy(server: string): Promise<GrpcProxy> {
  const counts = new Map<string, number>();
  const barriers = new Map<string, Barrier>();
  const refusals = new Map<string, number>();
  const upstream = connect(`http://${server}`);
  await once(upstream, 'connect');
  const sessions = new Set<ServerHttp2Session>();
  const proxy = createServer()
    .on('session', (session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
    })
    .on('stream', (client, headers) => {
      const method = String(headers[constants.HTTP2_HEADER_PATH]).split('/').at(-1) ?? '';
      counts.set(method, (counts.get(method) ?? 0) + 1);
      const left = refusals.get(method) ?? 0;
      if (left > 0) {
        refusals.set(method, left - 1);
        client.respond(busy, { endStream: true });
        return;
      }
      const barrier = barriers.get(method);
      const ask = () => upstream.request(headers, { endStream: false });
      if (barrier?.what === 'request') {
        barrier.passing.push(forwardLater({ client, ask, barrier }));
        return;
      }
      const request = ask();
      client.pipe(request);
      answer(client, request, barrier);
    });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    calls: (method) =>
      method === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(method) ?? 0),
    hold(method, what) {
      const reached = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const barrier: Barrier = { what, reached: reached.resolve, released: released.promise, passing: [] };
      barriers.set(method, barrier);
      return {
        reached: reached.promise,
        async release() {
          barriers.delete(method);
          released.resolve();
          await Promise.all(barrier.passing);
        },
      };
    },
    refuse: (method, times) => void refusals.set(method, times),
    async close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

interface Later {
  client: ServerHttp2Stream;
  ask(): ClientHttp2Stream;
  barrier: Barrier;
}

async function forwardLater({ client, ask, barrier }: Later): Promise<void> {
  client.on('error', () => undefined);
  // Its client may give up in the middle of it; there is then nothing to pass on.
  const body = await buffer(client).catch(() => null);
  if (!body) return;
  barrier.reached();
  await barrier.released;
  const request = ask();
  if (client.destroyed) request.resume();
  else answer(client, request);
  request.end(body);
  await once(request, 'close');
}

/** @param barrier where an answer waits, when it has to */
function answer(client: ServerHttp2Stream, server: ClientHttp2Stream, barrier?: Barrier): void {
  let trailers: OutgoingHttpHeaders = {};
  server.on('response', (headers, flags) => {
    const respond = () => {
      if (client.destroyed) return;
      // A refusal is one frame of headers: the status a client looks for at the end is already in them.
      const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
      client.respond(headers, { endStream, waitForTrailers: !endStream });
      if (!endStream) server.pipe(client);
    };
    if (!barrier) return respond();
    barrier.reached();
    barrier.passing.push(barrier.released.then(respond));
  });
  server.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  client.on('wantTrailers', () => client.sendTrailers(trailers));
  client.on('close', () => server.close(client.rstCode));
  // What breaks on one side breaks the other, whose own client tells about it.
  client.on('error', () => server.close(constants.NGHTTP2_CANCEL));
  server.on('error', () => client.close(constants.NGHTTP2_CANCEL));
}
