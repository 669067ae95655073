import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { projectRoot } from '../scripts/local/project.js';

export interface ArticleServer {
  /** Of the article; what FETCH_ALLOW takes as well. */
  readonly url: string;
  close(): Promise<void>;
}

/** The bundled sample article, answered from memory: a web server that costs a job nothing. */
export async function serveArticle(): Promise<ArticleServer> {
  const page = await readFile(join(projectRoot, 'samples/el-faro.html'));
  const server = createServer((_, response) => {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/el-faro.html`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
