import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface WebServer {
  /** Ends in "/": what FETCH_ALLOW takes. */
  url: string;
  /** Requests so far, by path. */
  requests: Map<string, number>;
  /** Says what a path answers; `/article` has a Spanish article from the start. */
  on(path: string, handler: Handler): void;
  close(): Promise<void>;
}

const sentences = [
  'El faro de la isla fue construido hace más de cien años por los pescadores del pueblo.',
  'Cada noche el farero encendía la lámpara y miraba el mar desde la ventana más alta.',
  'Los barcos que volvían tarde reconocían la luz y entraban en el puerto sin miedo.',
  'Hoy el faro es un museo pequeño donde los niños aprenden la historia de la costa.',
  'Muchos visitantes suben la escalera de caracol para fotografiar la puesta de sol.',
];

/** A page that a reader finds an article in. */
export const articlePage = (title = 'El faro de la isla'): string => {
  const paragraphs = Array.from({ length: 4 }, () => `<p>${sentences.join(' ')}</p>`).join('\n');
  return `<!doctype html><html lang="es"><head><meta charset="utf-8"><title>${title}</title></head>
<body><nav>Inicio</nav><article><h1>${title}</h1>${paragraphs}</article></body></html>`;
};

export async function startWebServer(): Promise<WebServer> {
  const requests = new Map<string, number>();
  const handlers = new Map<string, Handler>([
    [
      '/article',
      (_, response) => response.setHeader('content-type', 'text/html; charset=utf-8').end(articlePage()),
    ],
  ]);
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '/', 'http://localhost').pathname;
    requests.set(path, (requests.get(path) ?? 0) + 1);
    const handler = handlers.get(path);
    if (handler) handler(request, response);
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    requests,
    on: (path, handler) => void handlers.set(path, handler),
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
