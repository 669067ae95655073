import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { OwnerEvent } from '../../job-types/contract/event.js';
import { Store } from '../database/store.js';
import type { Waiting } from './exchange.js';
import { OwnerFeeds } from './owner-feeds.js';
import { untilMore } from './until-more.js';

export const FeedPage = z
  .object({
    items: z.array(OwnerEvent),
    nextAfter: z.int().meta({ description: '"after" of the next page' }),
  })
  .meta({ id: 'FeedPage' });
export type FeedPage = z.infer<typeof FeedPage>;

export interface FeedPageRequest extends Waiting {
  /** Number of the last entry that the client has; null: from now on. */
  after: number | null;
  limit: number;
}

/** An owner's feed without a stream. */
@Injectable()
export class FeedPages {
  constructor(
    private readonly store: Store,
    private readonly feeds: OwnerFeeds,
  ) {}

  async page({ owner, after, limit, wait, gone }: FeedPageRequest): Promise<FeedPage> {
    const head = (await this.store.feeds.heads([owner])).get(owner) ?? 0;
    const from = Math.min(after ?? head, head);
    const page = await this.list(owner, { after: from, limit });
    if (page.items.length > 0 || wait === 0) return page;
    const view = await this.feeds.view(owner, from);
    await untilMore(view, { wait, ends: [gone, this.feeds.stopping] });
    return this.list(owner, { after: from, limit });
  }

  private async list(owner: string, options: { after: number; limit: number }): Promise<FeedPage> {
    const items = await this.store.feeds.list(owner, options);
    return { items, nextAfter: items.at(-1)?.seq ?? options.after };
  }
}
