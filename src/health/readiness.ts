import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { z } from 'zod';
import { Store } from '../database/store.js';
import { prepareNamespace } from '../temporal/namespace.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { logState } from '../logging.js';
import { within } from '../within.js';
import { Queues } from './queues.js';
import { StateLog } from './state-log.js';

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
  private looking: Promise<ReadinessView> | null = null;
  /** Written by each look. */
  readonly states = new StateLog<'temporal' | 'database' | 'workers'>();
  private readonly logger = new Logger('readiness');

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly queues: Queues,
  ) {}

  onApplicationBootstrap(): void {
    void this.prepare();
  }

  onModuleDestroy(): void {
    this.stopped = true;
    if (this.timer) clearTimeout(this.timer);
  }

  /** Those who ask at once share an answer: looks that overlap could be noted in the wrong order. */
  check(): Promise<ReadinessView> {
    this.looking ??= this.look().finally(() => {
      this.looking = null;
    });
    return this.looking;
  }

  private async look(): Promise<ReadinessView> {
    const [temporal, database, worker] = await Promise.all([
      this.temporal.call(({ workflowService }) => workflowService.getSystemInfo({})).then(up, down),
      within(databaseDeadlineMs, this.store.ping()).then(up, down),
      this.worker(),
    ]);
    this.states.note('temporal', temporal);
    this.states.note('database', database);
    this.states.note('workers', stateOfWorkers[worker]);
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
    const { workers } = await this.queues.read('activities');
    if (workers === null) return 'unknown';
    return workers > 0 ? 'polling' : 'none seen';
  }
}

/** In the words of everything else. */
export const stateOfWorkers = { polling: 'up', 'none seen': 'down', unknown: 'unknown' } as const;

const up = () => 'up' as const;
const down = () => 'down' as const;
