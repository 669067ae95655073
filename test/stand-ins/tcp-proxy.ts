import { once } from 'node:events';
import { type AddressInfo, type Socket, connect, createServer } from 'node:net';

/** Stands between a client and a server, so that the connection can be lost while both live. */
export interface TcpProxy {
  readonly port: number;
  /** Cuts every connection and takes no new one. */
  cut(): void;
  /** Lets bytes lie: nothing is closed, nothing arrives. */
  freeze(): void;
  restore(): void;
  close(): Promise<void>;
}

export async function startTcpProxy(target: { host: string; port: number }): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let state: 'passing' | 'cut' | 'frozen' = 'passing';
  const cutAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => {
        if (state === 'passing') to.write(bytes);
      });
      from.on('error', () => undefined);
      from.once('close', () => {
        sockets.delete(from);
        to.destroy();
      });
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      state = 'cut';
      cutAll();
    },
    freeze() {
      state = 'frozen';
    },
    restore() {
      // What was swallowed is missing for good, so what was open is of no use.
      if (state === 'frozen') cutAll();
      state = 'passing';
    },
    async close() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}
