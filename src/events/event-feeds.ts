import { setTimeout as pause } from 'node:timers/promises';
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { News } from '../../store/events.js';
import { JobReader } from '../reading/job-reader.js';
import { Problem } from '../problems/problems.js';
import { Store } from '../database/store.js';
import { EventFeed } from './event-feed.js';
import type { EventView } from './event-view.js';
import { FeedPool, type Watched } from './feed-pool.js';
import { Looks } from './looks.js';
import { jobLog } from './sources.js';
import { JobEnds } from '../ends/job-ends.js';
import { Notices } from '../database/notices.js';

/** Ends asked for in one look: with more jobs watched than this, each waits for its turn. */
const mostEndsALook = 100;
const endsAtOnce = 10;
/** When to ask for the end of a job that has just told how it ended: its run closes in a moment. */
const closingSoonMs = [15, 30, 60, 120, 250, 500];

/** `name` is the id of the job. */
interface WatchedJob extends Watched {
  owner: string;
  asking: boolean;
  closingSoon: boolean;
}

/** One reader for each job that is watched, however many watch it. */
@Injectable()
export class EventFeeds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('events');
  private readonly pool = new FeedPool<WatchedJob>((error) =>
    this.logger.warn(`the event logs cannot be read: ${String(error)}`),
  );
  private readonly looks = new Looks(() => this.look());
  /** Aborted when the process is about to end. */
  readonly stopping = this.looks.stopping;

  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
    private readonly ends: JobEnds,
    private readonly notices: Notices,
  ) {}

  onApplicationBootstrap(): void {
    this.notices.subscribe((jobId, news) => void this.onNotice(jobId, news));
    this.notices.onConnected(() => void this.looks.now());
    this.looks.begin();
  }

  onModuleDestroy(): void {
    this.looks.end();
  }

  /**
   * A place in the log of a job; close it in the end.
   * @param after the number of the last event the viewer has
   * @throws {Problem} job-not-found, for another owner's job too, or the error of a server that is away
   */
  async view(jobId: string, { owner, after }: { owner: string; after: number }): Promise<EventView> {
    const job = this.pool.get(jobId)?.owner === owner ? null : await this.reader.read(jobId, owner);
    return this.pool.view(jobId, { after, begin: () => this.watch(jobId, { owner, job }) });
  }

  /** In this process. */
  viewersOf(jobId: string): number {
    return this.pool.get(jobId)?.feed.views.size ?? 0;
  }

  private watch(jobId: string, { owner, job }: { owner: string; job: Job | null }): WatchedJob {
    const onError = (error: unknown) =>
      this.logger.warn(`the events of ${jobId} cannot be read: ${String(error)}`);
    const feed = new EventFeed({ source: jobLog(this.store.events, jobId), onError });
    const watched = { name: jobId, owner, feed, ready: Promise.resolve(), asking: false, closingSoon: false };
    watched.ready = this.begin(watched, job);
    return watched;
  }

  private async begin(watched: WatchedJob, job: Job | null): Promise<void> {
    await watched.feed.start();
    if (job && isFinal(job.status)) await this.askForEnd(watched);
  }

  private async onNotice(jobId: string, news: News): Promise<void> {
    const watched = this.pool.get(jobId);
    if (!watched || this.pool.dropUnwatched(watched)) return;
    const { feed } = watched;
    const before = feed.head;
    try {
      await feed.grow();
    } catch (error) {
      feed.onError(error);
      return;
    }
    if (feed.ended || news === 'talk') return;
    // Somebody did something to the job that left no event.
    if (feed.head === before) await this.askForEnd(watched);
    else if (feed.closing) await this.closeSoon(watched);
  }

  private async closeSoon(watched: WatchedJob): Promise<void> {
    if (watched.closingSoon) return;
    watched.closingSoon = true;
    for (const ms of closingSoonMs) {
      await pause(ms, undefined, { signal: this.stopping }).catch(() => undefined);
      if (this.stopping.aborted || watched.feed.ended || watched.feed.views.size === 0) break;
      await this.askForEnd(watched);
    }
    watched.closingSoon = false;
  }

  /** Reads what has grown, and asks Temporal for the jobs' ends. */
  private async look(): Promise<void> {
    await this.askInTurn(await this.pool.look((jobIds) => this.heads(jobIds)));
  }

  private async heads(jobIds: readonly string[]): Promise<Map<string, number>> {
    const heads = await this.store.events.heads(jobIds);
    return new Map([...heads].map(([jobId, { lastSeq }]) => [jobId, lastSeq]));
  }

  /** Those that were not asked about this time stand first the next time. */
  private async askInTurn(open: readonly WatchedJob[]): Promise<void> {
    const turn = open.slice(0, mostEndsALook);
    for (const watched of turn) this.pool.moveBack(watched);
    const next = turn.values();
    const ask = async () => {
      for (const watched of next) await this.askForEnd(watched);
    };
    await Promise.all(Array.from({ length: endsAtOnce }, ask));
  }

  /** Has the job seen to if Temporal has closed it: that writes the end into the log. Asks Temporal alone, until then. */
  private async askForEnd(watched: WatchedJob): Promise<void> {
    const { name: jobId, feed } = watched;
    if (watched.asking || feed.ended || this.stopping.aborted) return;
    watched.asking = true;
    try {
      const found = await this.ends.seeTo(jobId);
      if (found === 'unknown') feed.refuseAll(new Problem('job-not-found', `There is no job ${jobId}.`));
      else if (found !== 'open') await feed.grow();
    } catch (error) {
      this.logger.debug(`whether ${jobId} has ended is not known: ${String(error)}`);
    } finally {
      watched.asking = false;
    }
  }
}
