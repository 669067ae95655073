import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { z } from 'zod';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { prepareNamespace } from '../temporal/namespace.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { logState } from '../logging.js';
import { within } from '../within.js';

export const ReadinessView = z
  .object({
    ready: z.boolean(),
    temporal: z.enum(['up', 'down']),
    namespace: z.enum(['prepared', 'not prepared']),
    database: z.enum(['up', 'down']),
    worker: z.enum(['polling', 'none seen', 'unknown']).meta({
      description: 'Whether a worker has asked for work lately; without one, jobs queue',
    }),
    log: z.enum(['written', 'not written']).meta({
      description: 'Whether the log of this process can be written; a disk that is full stops no request',
    }),
    lostLogLines: z.int().meta({ description: 'Lines of the log that are lost since the process started' }),
  })
  .meta({ id: 'Readiness' });
export type ReadinessView = z.infer<typeof ReadinessView>;

const againMs = 2_000;
const databaseDeadlineMs = 1_000;
/** A poll lasts a minute at most, so a live worker has been seen within it. */
const pollerSeenMs = 70_000;
/** temporal.api.enums.v1.TaskQueueType. */
const activityQueue = 2;

/**
 * Prepares what the API stands on in the background: the schema, the namespace's search attributes and retention.
 * The API answers from the first moment on, and tells the truth about how far that is.
 */
@Injectable()
export class Readiness implements OnApplicationBootstrap, OnModuleDestroy {
  private schema = false;
  private namespace = false;
  private stopped = false;
  private timer: NodeJS.Timeout | null = null;
  private readonly taskQueue: string;
  private readonly logger = new Logger('readiness');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    @Inject(CONFIG) config: Config,
  ) {
    this.taskQueue = config.TEMPORAL_TASK_QUEUE;
  }

  onApplicationBootstrap(): void {
    void this.prepare();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  async check(): Promise<ReadinessView> {
    const [temporal, database, worker] = await Promise.all([
      this.temporal.call(({ workflowService }) => workflowService.getSystemInfo({})).then(up, down),
      within(databaseDeadlineMs, this.store.ping()).then(up, down),
      this.worker(),
    ]);
    const log = logState();
    return {
      ready: temporal === 'up' && database === 'up' && this.schema && this.namespace,
      temporal,
      namespace: this.namespace ? 'prepared' : 'not prepared',
      database,
      worker,
      log: log.failing ? 'not written' : 'written',
      lostLogLines: log.dropped,
    };
  }

  private async prepare(): Promise<void> {
    const failures = await Promise.all([
      this.schema ? null : this.attempt('schema', () => this.store.migrate()),
      this.namespace
        ? null
        : this.attempt('namespace', () =>
            prepareNamespace(this.temporal.connection, this.temporal.namespace),
          ),
    ]);
    this.schema ||= failures[0] === null;
    this.namespace ||= failures[1] === null;
    if (this.stopped || (this.schema && this.namespace)) return;
    this.timer = setTimeout(() => void this.prepare(), againMs);
  }

  private async attempt(what: string, work: () => Promise<void>): Promise<Error | null> {
    try {
      await work();
      return null;
    } catch (error) {
      this.logger.warn(
        `the ${what} is not ready and is tried again in ${againMs / 1000} s: ${String(error)}`,
      );
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  private async worker(): Promise<ReadinessView['worker']> {
    try {
      const { pollers } = await this.temporal.call(({ workflowService }) =>
        workflowService.describeTaskQueue({
          namespace: this.temporal.namespace,
          taskQueue: { name: this.taskQueue },
          taskQueueType: activityQueue,
        }),
      );
      const seen = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000);
      return Math.max(0, ...seen) > Date.now() - pollerSeenMs ? 'polling' : 'none seen';
    } catch (error) {
      this.logger.debug(`the task queue could not be described: ${String(error)}`);
      return 'unknown';
    }
  }
}

const up = () => 'up' as const;
const down = () => 'down' as const;
