import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join } from 'node:path';
import { projectRoot } from '../../scripts/local/project.js';
import { pagePolicy } from '../../src/home/page-policy.js';

/** What is asked of the API that a test makes up. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
}

/** @returns what is answered as JSON; undefined for 404 */
export type MadeUpApi = (asked: Asked) => unknown;

export interface PageServer {
  origin: string;
  /** What was asked of the API, in its order: method and path. */
  asked: readonly string[];
  close(): Promise<void>;
}

const types: Readonly<Record<string, string>> = {
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

/** As where there are no keys. */
const session = { owner: 'local', keyId: null, expiresAt: null };

const notFound = {
  type: '/problems/not-found',
  code: 'not-found',
  title: 'Not found',
  detail: '',
  status: 404,
};

/** The page as it was built, under its own policy, before an API that knows more jobs than a test could run. */
export async function startPageServer(api: MadeUpApi): Promise<PageServer> {
  const built = join(projectRoot, 'dist/web');
  const page = await readFile(join(built, 'index.html'), 'utf8');
  const asked: string[] = [];
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1');
    const method = request.method ?? 'GET';
    if (pathname.startsWith('/v1/')) {
      asked.push(`${method} ${pathname}`);
      const body =
        pathname === '/v1/session' ? session : api({ method, path: pathname, query: searchParams });
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? notFound));
      return;
    }
    const type = types[extname(pathname)];
    if (type === undefined) {
      response.writeHead(200, {
        'content-type': 'text/html; charset=utf-8',
        'content-security-policy': pagePolicy,
      });
      response.end(page);
      return;
    }
    readFile(join(built, pathname)).then(
      (content) => response.writeHead(200, { 'content-type': type }).end(content),
      () => response.writeHead(404).end(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
