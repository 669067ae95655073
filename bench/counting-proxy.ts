import { once } from 'node:events';
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import {
  type ServerHttp2Session,
  type ServerHttp2Stream,
  connect,
  constants,
  createServer,
} from 'node:http2';
import type { AddressInfo } from 'node:net';

export interface CountingProxy {
  /** host:port, to be used in place of the server's. */
  readonly address: string;
  /** How often a method, such as `QueryWorkflow`, has been called; without a name, all of them. */
  calls(method?: string): number;
  close(): Promise<void>;
}

/**
 * Stands between a client and its gRPC server and counts what crosses: every call as it is on the wire, those that the
 * client's library repeats included, and nobody else's.
 */
export async function startCountingProxy(server: string): Promise<CountingProxy> {
  const counts = new Map<string, number>();
  const upstream = connect(`http://${server}`);
  await once(upstream, 'connect');
  const sessions = new Set<ServerHttp2Session>();
  const proxy = createServer()
    .on('session', (session) => {
      sessions.add(session);
      session.once('close', () => sessions.delete(session));
    })
    .on('stream', (stream, headers) => {
      const method = String(headers[constants.HTTP2_HEADER_PATH]).split('/').at(-1) ?? '';
      counts.set(method, (counts.get(method) ?? 0) + 1);
      forward(stream, upstream.request(headers, { endStream: false }));
    });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return {
    address: `127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    calls: (method) =>
      method === undefined ? [...counts.values()].reduce((sum, n) => sum + n, 0) : (counts.get(method) ?? 0),
    async close() {
      for (const session of sessions) session.destroy();
      upstream.destroy();
      proxy.close();
      await once(proxy, 'close');
    },
  };
}

function forward(client: ServerHttp2Stream, server: ReturnType<ReturnType<typeof connect>['request']>): void {
  let trailers: OutgoingHttpHeaders = {};
  server.on('response', (headers, flags) => {
    // A refusal is one frame of headers: the status a client looks for at the end is already in them.
    const endStream = (flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0;
    client.respond(headers, { endStream, waitForTrailers: !endStream });
    if (!endStream) server.pipe(client);
  });
  server.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  client.on('wantTrailers', () => client.sendTrailers(trailers));
  client.pipe(server);
  client.on('close', () => server.close(client.rstCode));
  // What breaks on one side breaks the other, whose own client tells about it.
  client.on('error', () => server.close(constants.NGHTTP2_CANCEL));
  server.on('error', () => client.close(constants.NGHTTP2_CANCEL));
}
