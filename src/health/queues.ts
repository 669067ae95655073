import { Inject, Injectable, Logger } from '@nestjs/common';
import type { SystemQueue } from '../../job-types/contract/system.js';
import { CONFIG, type Config } from '../config.js';
import { TemporalClient } from '../temporal/temporal-client.js';

/** A poll lasts a minute at most, so a live worker has been seen within it. */
const pollerSeenMs = 70_000;

/** temporal.api.enums.v1.TaskQueueType. */
const queueTypes = { workflows: 1, activities: 2 } as const;

/** The lines that workers take their work from, as Temporal sees them. */
@Injectable()
export class Queues {
  private readonly name: string;
  private readonly logger = new Logger('queues');

  constructor(
    private readonly temporal: TemporalClient,
    @Inject(CONFIG) { TEMPORAL_TASK_QUEUE }: Config,
  ) {
    this.name = TEMPORAL_TASK_QUEUE;
  }

  /** With a Temporal that is away, nothing of it is known. */
  async read(kind: SystemQueue['kind']): Promise<SystemQueue> {
    const queue = { name: this.name, kind };
    try {
      const { pollers, stats } = await this.temporal.call(({ workflowService }) =>
        workflowService.describeTaskQueue({
          namespace: this.temporal.namespace,
          taskQueue: { name: this.name },
          taskQueueType: queueTypes[kind],
          reportStats: true,
        }),
      );
      const seen = (pollers ?? []).map(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000);
      const last = Math.max(0, ...seen);
      return {
        ...queue,
        workers: seen.filter((at) => at > Date.now() - pollerSeenMs).length,
        lastAskedAt: last === 0 ? null : new Date(last).toISOString(),
        backlog: stats ? Number(stats.approximateBacklogCount ?? 0) : null,
      };
    } catch (error) {
      this.logger.debug(`the task queue could not be described: ${String(error)}`);
      return { ...queue, workers: null, lastAskedAt: null, backlog: null };
    }
  }
}
