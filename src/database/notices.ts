import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { type News, eventsChannel, feedsChannel, readFeedNotice, readNotice } from '../../store/events.js';
import { type Listener, createListener } from '../../store/listener.js';
import { CONFIG, type Config } from '../config.js';
import { databaseUrl } from './store.js';

/** Hears which jobs have moved, on the one listening connection of the API process. */
@Injectable()
export class Notices implements OnApplicationShutdown {
  private readonly listener: Listener;
  private readonly logger = new Logger('notices');

  constructor(@Inject(CONFIG) config: Config) {
    this.listener = createListener(databaseUrl(config), {
      name: 'longhaul-api-notices',
      onError: (error) => this.logger.warn(`notices of jobs are not heard for now: ${String(error)}`),
    });
  }

  /** Whether a job that moves now is heard of. While not, and after it, look for yourself. */
  healthy(): boolean {
    return this.listener.healthy();
  }

  /**
   * Calls back with the id of every job whose event log has grown, whoever wrote it, and whether the run may have moved.
   * @returns what ends the subscription
   */
  subscribe(handler: (jobId: string, news: News) => void): () => void {
    return this.listener.subscribe(eventsChannel, (payload) => {
      for (const [jobId, news] of readNotice(payload)) handler(jobId, news);
    });
  }

  /** Calls back with every owner whose feed has grown. @returns what ends the subscription */
  subscribeToFeeds(handler: (owner: string) => void): () => void {
    return this.listener.subscribe(feedsChannel, (payload) => {
      for (const owner of readFeedNotice(payload)) handler(owner);
    });
  }

  /** Calls back whenever the connection stands again: notices may have been missed before. */
  onConnected(handler: () => void): () => void {
    return this.listener.onConnected(handler);
  }

  async onApplicationShutdown(): Promise<void> {
    await this.listener.close();
  }
}
