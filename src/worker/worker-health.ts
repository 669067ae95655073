import { type Server, createServer } from 'node:http';
import { once } from 'node:events';
import type { OnApplicationBootstrap, OnModuleDestroy } from '@nestjs/common';
import type { TemporalWorker } from '../temporal/temporal-worker.js';

/** For orchestrators: /healthz while the process lives, /readyz while the worker takes work. Off without a port. */
export class WorkerHealth implements OnApplicationBootstrap, OnModuleDestroy {
  private server: Server | null = null;

  constructor(
    private readonly worker: TemporalWorker,
    private readonly port: number | undefined,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    if (this.port === undefined) return;
    this.server = createServer((request, response) => {
      const healthy = request.url === '/healthz' || (request.url === '/readyz' && this.worker.isRunning());
      response.writeHead(healthy ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: healthy ? 'ok' : 'not ready' }));
    });
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
  }

  async onModuleDestroy(): Promise<void> {
    if (!this.server) return;
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }
}
