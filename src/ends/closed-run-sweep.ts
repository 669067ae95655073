import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { Rounds } from '../rounds.js';
import { JobReader } from '../reading/job-reader.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { visibilityText } from '../temporal/visibility-text.js';
import { type ClosedRun, closedRuns } from './closed-runs.js';
import { JobEnds } from './job-ends.js';

const everyMs = 60_000;
/** After boot: requests come first. */
const firstAfterMs = 2_000;
/** Reads of Temporal at once. */
const sideBySide = 4;

const hourMs = 60 * 60 * 1000;
/** What a process looks back over at boot: ends from outside are few, and never archived by their own run. */
const lookBackMs = { fromOutside: 24 * hourMs, any: hourMs };
/** Visibility is behind the truth by a moment, and a frame that was terminated may still write its own archive. */
const overlapMs = 2 * 60 * 1000;

/**
 * Finds the jobs that are over and that nobody has seen to. A run that was terminated or timed out never reaches its own
 * last step, and an operator's reset gives a job another end. The sweep reads visibility only from shortly before the
 * last end it has seen, and asks the archive once for 200 runs. Only what differs costs more.
 */
@Injectable()
export class ClosedRunSweep implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('sweep');
  private readonly rounds = new Rounds({
    round: () => this.look(),
    everyMs,
    firstAfterMs,
    uneven: true,
    onOutage: (error) => this.logger.warn(`closed runs are looked at in a minute: ${String(error)}`),
  });
  private readonly ours: string;
  /** By Temporal's clock: what closed before has been seen to. Null until a sweep has found something. */
  private seenUntil: Date | null = null;

  constructor(
    private readonly temporal: TemporalClient,
    private readonly store: Store,
    private readonly ends: JobEnds,
    private readonly reader: JobReader,
    @Inject(CONFIG) config: Config,
  ) {
    // A namespace may hold the workflows of others.
    this.ours = `TaskQueue = ${visibilityText(config.TEMPORAL_TASK_QUEUE)} AND JobOwner IS NOT NULL AND ExecutionStatus != 'ContinuedAsNew'`;
  }

  onApplicationBootstrap(): void {
    this.rounds.begin();
  }

  onModuleDestroy(): Promise<void> {
    return this.rounds.end();
  }

  /**
   * @returns how many ends were archived or corrected.
   * @throws when Temporal or the database is away; the next sweep then covers the same time.
   */
  async sweep(): Promise<number> {
    let [count, newest] = [0, this.seenUntil];
    for (const query of this.queries()) {
      for await (const runs of closedRuns(this.temporal, { query, signal: this.rounds.signal })) {
        for (const { closedAt } of runs) if (!newest || closedAt > newest) newest = closedAt;
        count += await this.correct(await this.disagreeing(runs));
      }
    }
    // Only now: they come newest first, and the rest might have been missed.
    this.seenUntil = newest;
    return count;
  }

  private queries(): string[] {
    const since = (ms: number) => `${this.ours} AND CloseTime >= '${new Date(ms).toISOString()}'`;
    if (this.seenUntil) return [since(this.seenUntil.getTime() - overlapMs)];
    const fromOutside = `${since(Date.now() - lookBackMs.fromOutside)} AND ExecutionStatus IN ('Terminated', 'TimedOut')`;
    return [fromOutside, since(Date.now() - lookBackMs.any)];
  }

  private async look(): Promise<void> {
    const count = await this.sweep();
    if (count > 0) this.logger.log(`archived ${count} jobs that ended unwatched`);
  }

  /** Ids of jobs whose archive is missing, is of another run, or tells another end than the usual one. */
  private async disagreeing(runs: readonly ClosedRun[]): Promise<string[]> {
    const archived = await this.store.outcomes.ends(runs.map(({ jobId }) => jobId));
    const wrong = runs.filter(({ jobId, runId, usualEnd }) => {
      const end = archived.get(jobId);
      return end?.runId !== runId || end.status !== usualEnd;
    });
    return [...new Set(wrong.map(({ jobId }) => jobId))];
  }

  private async correct(jobIds: string[]): Promise<number> {
    let count = 0;
    const work = async (): Promise<void> => {
      for (let id = jobIds.pop(); id !== undefined; id = jobIds.pop()) {
        this.rounds.signal.throwIfAborted();
        if ((await this.ends.seeTo(id)) !== 'archived') continue;
        count += 1;
        this.reader.forget(id);
      }
    };
    // Nothing is left under way when the sweep has failed.
    const lanes = await Promise.allSettled(Array.from({ length: sideBySide }, work));
    const failed = lanes.find((lane) => lane.status === 'rejected');
    if (failed) throw failed.reason;
    return count;
  }
}
