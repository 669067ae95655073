import { once } from 'node:events';
import { type AddressInfo, type Socket, createServer } from 'node:net';

/** What is sent for a request, from the first byte of the head on. */
export type RawAnswer = (request: { path: string; head: string }) => Buffer | string;

export interface RawWeb {
  origin: string;
  /** What was asked for, heads of requests included. */
  requests: string[];
  close(): Promise<void>;
}

/** A web server on loopback that answers with exactly the bytes it is given, and closes the connection. */
export async function startRawWeb(answer: RawAnswer): Promise<RawWeb> {
  const sockets = new Set<Socket>();
  const requests: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
    let head = '';
    socket.on('data', (chunk) => {
      head += chunk.toString('latin1');
      if (!head.includes('\r\n\r\n')) return;
      requests.push(head);
      socket.end(answer({ path: head.split(' ')[1] ?? '', head }));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
