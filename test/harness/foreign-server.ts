import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';

/** The page of somebody else, on a port of its own, that shows a job with `useJob`. */
export interface ForeignServer {
  readonly origin: string;
  close(): Promise<void>;
}

/** Builds the page with what is compiled of it. */
export async function startForeignServer(): Promise<ForeignServer> {
  const input = fileURLToPath(new URL('foreign-page.js', import.meta.url));
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    build: { write: false, target: 'es2023', rolldownOptions: { input, onLog: () => undefined } },
  })) as Rolldown.RolldownOutput;
  const script = built.output[0].code;
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
