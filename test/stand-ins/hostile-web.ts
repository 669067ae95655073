import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { pipeline, Readable, type Transform } from 'node:stream';
import { createBrotliCompress, createGzip, gzipSync } from 'node:zlib';

const megabyte = 1024 * 1024;
const html = { 'content-type': 'text/html; charset=utf-8' };

export const articlePage =
  '<!doctype html><html lang="es"><head><title>El huerto</title></head><body><article><h1>El huerto</h1>' +
  '<p>Cada mañana, antes de que salga el sol, Marina riega los tomates que su abuelo plantó junto al muro.</p>'.repeat(
    4,
  ) +
  '</article></body></html>';

interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  socket: Socket;
  query: URLSearchParams;
  /** The part of the path after the route's name. */
  rest: string;
}

type Route = (exchange: Exchange) => void;

function* zeros(megabytes: number): Generator<Buffer> {
  const chunk = Buffer.alloc(megabyte);
  for (let sent = 0; sent < megabytes; sent += 1) yield chunk;
}

/** Sends zeros through the encoders, and stops them all when the other side goes away, as it is expected to. */
function pour(megabytes: number, encoders: Transform[], response: ServerResponse): void {
  pipeline([Readable.from(zeros(megabytes)), ...encoders, response], () => {});
}

/** Drips until the other side has had enough. */
function drip({ socket }: Exchange, text: string): void {
  const timer = setInterval(() => socket.write(text), 20);
  socket.once('close', () => clearInterval(timer));
}

const redirect = ({ response }: Exchange, location: string, status = 302): void => {
  response.writeHead(status, { location }).end();
};

const routes: Readonly<Record<string, Route>> = {
  article: ({ response }) => response.writeHead(200, html).end(articlePage),

  /** `type`, `encoding` and, in base64, `body`. */
  bytes: ({ response, query }) => {
    const type = query.get('type');
    const encoding = query.get('encoding');
    response
      .writeHead(200, {
        ...(type !== null && { 'content-type': type }),
        ...(encoding !== null && { 'content-encoding': encoding }),
      })
      .end(Buffer.from(query.get('body') ?? '', 'base64'));
  },

  status: ({ response, rest, query }) => {
    const after = query.get('after');
    response
      .writeHead(Number(rest), { ...html, ...(after !== null && { 'retry-after': after }) })
      .end('<p>no');
  },

  to: (exchange) => redirect(exchange, exchange.query.get('url') ?? '', Number(exchange.rest) || 302),
  countdown: (exchange) =>
    redirect(
      exchange,
      exchange.rest === '1' ? '/open/article' : `/open/countdown/${Number(exchange.rest) - 1}`,
    ),
  loop: (exchange) => redirect(exchange, '/open/loop'),

  silent: () => {},
  'slow-headers': (exchange) => {
    exchange.socket.write('HTTP/1.1 200 OK\r\n');
    drip(exchange, 'x-more: 1\r\n');
  },
  'slow-body': (exchange) => {
    exchange.response.writeHead(200, html).flushHeaders();
    const timer = setInterval(() => exchange.response.write('a'), 20);
    exchange.socket.once('close', () => clearInterval(timer));
  },
  stalls: ({ response }) => void response.writeHead(200, html).write('<p>The beginning of'),
  'huge-header': ({ response }) => response.writeHead(200, { 'x-huge': 'a'.repeat(200_000) }).end(),
  'not-http': ({ socket }) => socket.end('SSH-2.0-OpenSSH_9.2p1\r\n'),

  endless: ({ response }) => {
    response.writeHead(200, html);
    pour(2048, [], response);
  },
  announced: ({ response }) => {
    response.writeHead(200, { ...html, 'content-length': 2048 * megabyte }).write('<p>');
  },
  'gzip-bomb': ({ response }) => {
    response.writeHead(200, { ...html, 'content-encoding': 'gzip' });
    pour(512, [createGzip()], response);
  },
  'brotli-bomb': ({ response }) => {
    response.writeHead(200, { ...html, 'content-encoding': 'br' });
    pour(512, [createBrotliCompress()], response);
  },
  'gzip-in-gzip-bomb': ({ response }) => {
    response.writeHead(200, { ...html, 'content-encoding': 'gzip, gzip' });
    pour(64, [createGzip(), createGzip()], response);
  },
  'cut-gzip': ({ response }) => {
    const whole = gzipSync(articlePage);
    response
      .writeHead(200, { ...html, 'content-encoding': 'gzip' })
      .end(whole.subarray(0, whole.length - 40));
  },

  'too-short': ({ socket }) =>
    socket.end('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 1000\r\n\r\n<p>short'),
  'too-long': ({ socket }) =>
    socket.end(
      'HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 7\r\n\r\n<p>longHTTP/1.1 200 OK\r\n\r\n',
    ),
  reset: ({ response, socket }) => {
    response.writeHead(200, { ...html, 'content-length': 1000 });
    response.write('<p>The beginning of', () => socket.resetAndDestroy());
  },
};

export interface HostileWeb {
  /** http://127.0.0.1:port, everything of which is under /open/. */
  origin: string;
  /** Paths asked for, with the cookies they came with. */
  requests: { path: string; cookie: string | undefined }[];
  openSockets(): number;
  close(): Promise<void>;
}

/** A web server on loopback with everything a page can do to whoever fetches it. */
export async function startHostileWeb(): Promise<HostileWeb> {
  const requests: HostileWeb['requests'] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://hostile');
    requests.push({ path: url.pathname, cookie: request.headers.cookie });
    const [, , name = '', rest = ''] = url.pathname.split('/');
    const exchange = { request, response, socket: request.socket, query: url.searchParams, rest };
    const route = Object.hasOwn(routes, name) ? routes[name] : undefined;
    if (route) route(exchange);
    else response.writeHead(404, html).end('<p>no');
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    openSockets: () => sockets.size,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
        for (const socket of sockets) socket.destroy();
      }),
  };
}
