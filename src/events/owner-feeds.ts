import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { Notices } from '../database/notices.js';
import { Store } from '../database/store.js';
import { EventFeed } from './event-feed.js';
import type { EventView } from './event-view.js';
import { FeedPool, type Watched } from './feed-pool.js';
import { Looks } from './looks.js';
import { ownerFeed } from './sources.js';

/** One reader for each owner whose feed is watched, however many watch it. */
@Injectable()
export class OwnerFeeds implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger('events');
  private readonly warn = (error: unknown) =>
    this.logger.warn(`the feeds of owners cannot be read: ${String(error)}`);
  private readonly pool = new FeedPool(this.warn);
  private readonly looks = new Looks(() => this.pool.look((owners) => this.store.feeds.heads(owners)));
  /** Aborted when the process is about to end. */
  readonly stopping = this.looks.stopping;

  constructor(
    private readonly store: Store,
    private readonly notices: Notices,
  ) {}

  onApplicationBootstrap(): void {
    this.notices.subscribeToFeeds((owner) => void this.onNotice(owner));
    this.notices.onConnected(() => void this.looks.now());
    this.looks.begin();
  }

  onModuleDestroy(): void {
    this.looks.end();
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
}
