import { randomUUID } from 'node:crypto';
import type { OwnerEvent } from '../../job-types/contract/event.js';
import { type Events, createEvents } from '../../store/events.js';
import { type EventStream, type StreamOptions, openFeed } from './event-stream.js';
import type { House } from './house.js';
import { whileBusy } from './while-busy.js';

/** What becomes of jobs that only the test tells of, and the streams that follow it. */
export interface FeedHarness {
  log: Events;
  /** Tells something of the state of a job, a new one unless it is named. @returns the id of the job */
  tell(owner: string, job?: string): Promise<string>;
  /** @param options `url`: of another API process than the house's own */
  watch(options?: StreamOptions & { url?: string }): Promise<EventStream<OwnerEvent>>;
  cutAll(): void;
}

export function feedHarness(house: House): FeedHarness {
  const log = createEvents(house.db);
  const streams: EventStream<OwnerEvent>[] = [];
  return {
    log,
    async tell(owner, job = `job_${randomUUID()}`) {
      const time = new Date().toISOString();
      const about = { owner, type: 'extractArticle', subject: 'a lighthouse', tags: [] };
      const grown = await log.append(job, [
        { key: randomUUID(), type: 'job.waiting', time, data: {}, about },
      ]);
      await log.announce([job], { owners: grown === null ? [] : [grown] });
      return job;
    },
    async watch({ url = house.url, ...options } = {}) {
      const open = async () => {
        const stream = await openFeed(`${url}/v1/events`, options);
        streams.push(stream);
        return stream;
      };
      return whileBusy(open, ({ status }) => status);
    },
    cutAll() {
      for (const stream of streams.splice(0)) stream.cut();
    },
  };
}
