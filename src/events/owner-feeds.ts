import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Notices } from '../database/notices.js';
import { Store } from '../database/store.js';
import { EventFeed } from './event-feed.js';
import type { EventView } from './event-view.js';
import { FeedPool, type Watched } from './feed-pool.js';
import { ownerFeed } from './sources.js';

/** How often the feeds that are watched are looked at without a notice. */
const lookEveryMs = 2_000;

/** One reader for each owner whose feed is watched, however many watch it. */
@Injectable()
export class OwnerFeeds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('events');
  private readonly warn = (error: unknown) =>
    this.logger.warn(`the feeds of owners cannot be read: ${String(error)}`);
  private readonly pool = new FeedPool(this.warn);
  private readonly stop = new AbortController();
  /** Aborted when the process is about to end. */
  readonly stopping = this.stop.signal;
  private timer: NodeJS.Timeout | null = null;
  private looking = false;

  constructor(
    private readonly store: Store,
    private readonly notices: Notices,
  ) {}

  onApplicationBootstrap(): void {
    this.notices.subscribeToFeeds((owner) => void this.onNotice(owner));
    this.notices.onConnected(() => void this.look());
    this.timer = setInterval(() => void this.look(), lookEveryMs);
  }

  onModuleDestroy(): void {
    this.stop.abort();
    if (this.timer) clearInterval(this.timer);
  }

  /**
   * A place in the feed; close it in the end.
   * @param after the number of the last entry the viewer has; null for who wants only what is to come
   * @throws the error of a database that is away
   */
  view(owner: string, after: number | null): Promise<EventView> {
    return this.pool.view(owner, {
      after: after ?? Number.POSITIVE_INFINITY,
      begin: () => this.watch(owner),
    });
  }

  /** In this process. */
  viewersOf(owner: string): number {
    return this.pool.get(owner)?.feed.views.size ?? 0;
  }

  private watch(owner: string): Watched {
    const feed = new EventFeed({ source: ownerFeed(this.store.feeds, owner), onError: this.warn });
    return { name: owner, feed, ready: feed.start() };
  }

  private async onNotice(owner: string): Promise<void> {
    const watched = this.pool.get(owner);
    if (!watched || this.pool.dropUnwatched(watched)) return;
    await watched.feed.grow().catch(this.warn);
  }

  private async look(): Promise<void> {
    if (this.looking || this.stopping.aborted) return;
    this.looking = true;
    try {
      await this.pool.look((owners) => this.store.feeds.heads(owners));
    } finally {
      this.looking = false;
    }
  }
}
