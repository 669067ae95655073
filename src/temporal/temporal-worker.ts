import {
  Injectable,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import type { Logger as PinoLogger } from 'pino';
import { atBoot } from '../boot-retry.js';
import type { Config } from '../config.js';
import { connectionOptions } from './connection.js';

/** After its drain, when a worker ends although an activity does not. Both are below the 30 s that orchestrators usually allow. */
const forceAfterDrainS = 10;

const callLimitMs = 5_000;

export type WorkerParts = Pick<
  WorkerOptions,
  'activities' | 'workflowBundle' | 'interceptors' | 'dataConverter'
>;

/** One Temporal worker with the life of its process: waits for the server at boot, drains at the end, never dies quietly. */
@Injectable()
export class TemporalWorker implements OnModuleInit, OnApplicationBootstrap, OnModuleDestroy {
  private connection: NativeConnection | null = null;
  private worker: Worker | null = null;
  private running: Promise<void> | null = null;
  private stopping = false;

  constructor(
    private readonly config: Config,
    private readonly parts: WorkerParts,
    private readonly log: PinoLogger,
  ) {}

  async onModuleInit(): Promise<void> {
    const { WORKER_DRAIN: drain } = this.config;
    this.connection = await this.connect();
    this.worker = await Worker.create({
      connection: this.connection,
      namespace: this.config.TEMPORAL_NAMESPACE,
      taskQueue: this.config.TEMPORAL_TASK_QUEUE,
      ...this.parts,
      // Model calls wait far more than they compute.
      maxConcurrentActivityTaskExecutions: 200,
      maxConcurrentWorkflowTaskExecutions: 40,
      maxCachedWorkflows: 1_000,
      // A cancel that the API did not announce (an operator's, or the end of a job's time) travels on the answer
      // to a heartbeat. This bounds how late it can be. Each one is a write of the server's, for every step that
      // runs.
      maxHeartbeatThrottleInterval: '3 seconds',
      // What is interrupted after that loses one attempt.
      shutdownGraceTime: `${drain} seconds`,
      shutdownForceTime: `${drain + forceAfterDrainS} seconds`,
    });
  }

  onApplicationBootstrap(): void {
    this.running = this.run();
  }

  /** Nest destroys the modules nearest to the root first, so the drain ends before the database closes. */
  async onModuleDestroy(): Promise<void> {
    this.stopping = true;
    if (this.worker?.getState() === 'RUNNING') this.worker.shutdown();
    await this.running;
    await this.connection?.close();
  }

  /** Whether it takes work, as its health says. */
  isRunning(): boolean {
    return this.worker?.getState() === 'RUNNING';
  }

  /** A call of the worker's own, over the connection it has. @throws before the worker is there, too */
  async call<T>(work: (client: Client) => Promise<T>): Promise<T> {
    const { connection } = this;
    if (!connection) throw new Error('The worker has no connection to Temporal yet.');
    const client = new Client({ connection, namespace: this.config.TEMPORAL_NAMESPACE });
    return client.withDeadline(Date.now() + callLimitMs, () => work(client));
  }

  private async run(): Promise<void> {
    try {
      await this.worker?.run();
      if (this.stopping) return;
      this.log.fatal('the worker stopped by itself');
    } catch (error) {
      this.log.fatal({ err: error }, 'the worker failed');
    }
    // A process that lives on without its worker looks healthy and does nothing.
    process.exit(1);
  }

  private connect(): Promise<NativeConnection> {
    const options = connectionOptions(this.config);
    const work = () => NativeConnection.connect(options);
    return atBoot(`Temporal at ${options.address}`, { work, logger: this.log });
  }
}
