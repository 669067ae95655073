import type { Parts } from '../parts.js';
import { EventFeeds } from './event-feeds.js';
import { EventPages } from './event-pages.js';
import { EventsController } from './events.controller.js';
import { FeedController } from './feed.controller.js';
import { FeedPages } from './feed-pages.js';
import { OpenStreams } from './open-streams.js';
import { OwnerFeeds } from './owner-feeds.js';
import { EventSocket } from './socket.js';

export const events: Parts = {
  controllers: [EventsController, FeedController],
  providers: [EventFeeds, EventPages, OwnerFeeds, FeedPages, OpenStreams, EventSocket],
};
