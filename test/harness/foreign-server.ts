import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** Of the script: React is about 200 kB of it. */
const mostBytes = 10_000_000;

/** The page of somebody else, on a port of its own, that shows a job with `useJob`. */
export interface ForeignServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Builds the page with what is compiled of it. */
export async function startForeignServer(): Promise<ForeignServer> {
  const bundler = fileURLToPath(new URL('bundle-foreign-page.js', import.meta.url));
  const { stdout: script } = await promisify(execFile)(process.execPath, [bundler], {
    maxBuffer: mostBytes,
  });
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.writeHead(200, {
      'content-type': isScript ? 'text/javascript' : 'text/html',
      connection: 'close',
    });
    response.end(
      isScript
        ? script
        : '<!doctype html><title>a client</title><link rel="icon" href="data:,">' +
            '<div id="root"></div><script type="module" src="/page.js"></script>',
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
