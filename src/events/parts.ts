import type { Parts } from '../parts.js';
import { EventFeeds } from './event-feeds.js';
import { EventPages } from './event-pages.js';
import { EventsController } from './events.controller.js';
import { OpenStreams } from './open-streams.js';
import { EventSocket } from './socket.js';

export const events: Parts = {
  controllers: [EventsController],
  providers: [EventFeeds, EventPages, OpenStreams, EventSocket],
};
