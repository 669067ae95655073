import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { JobEvent } from '../../job-types/contract/event.js';
import { isFinal } from '../../job-types/contract/job.js';
import type { LogHead } from '../../store/events.js';
import { JobReader } from '../reading/job-reader.js';
import { Store } from '../database/store.js';
import { EventFeeds } from './event-feeds.js';
import type { Waiting } from './exchange.js';
import { JobEnds } from '../ends/job-ends.js';
import { isTemporalUnavailable } from '../temporal/temporal-client.js';
import { untilMore } from './until-more.js';

export const EventPage = z
  .object({
    items: z.array(JobEvent),
    nextAfter: z.int().meta({ description: '"after" of the next page' }),
    done: z.boolean().meta({ description: 'Whether nothing will ever follow: the last event was "end"' }),
  })
  .meta({ id: 'EventPage' });
export type EventPage = z.infer<typeof EventPage>;

export interface EventPageRequest extends Waiting {
  /** Number of the last event that the client has. */
  after: number;
  limit: number;
}

const emptyLog: LogHead = { lastSeq: 0, sealed: false };

/** A job's events without a stream. */
@Injectable()
export class EventPages {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
    private readonly ends: JobEnds,
    private readonly feeds: EventFeeds,
  ) {}

  /** @throws {Problem} job-not-found, for another owner's job too */
  async page(jobId: string, request: EventPageRequest): Promise<EventPage> {
    const job = await this.reader.read(jobId, request.owner);
    let head = await this.head(jobId);
    if (isFinal(job.status) && !head.sealed) {
      await this.seeToEnd(jobId);
      head = await this.head(jobId);
    }
    const page = await this.list(jobId, { ...request, head });
    if (page.items.length > 0 || page.done || request.wait === 0) return page;
    const view = await this.feeds.view(jobId, { owner: request.owner, after: page.nextAfter });
    await untilMore(view, { wait: request.wait, ends: [request.gone, this.feeds.stopping] });
    return this.list(jobId, { ...request, after: page.nextAfter, head: await this.head(jobId) });
  }

  /**
   * A page of a log that lacks its end has the job seen to, as those who watch it do. A client that reads pages waits for
   * the end as well. While Temporal is away nobody can tell whether the run is closed, and the page does without.
   */
  private async seeToEnd(jobId: string): Promise<void> {
    try {
      await this.ends.seeTo(jobId);
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
    }
  }

  private async head(jobId: string): Promise<LogHead> {
    return (await this.store.events.heads([jobId])).get(jobId) ?? emptyLog;
  }

  private async list(
    jobId: string,
    { after, limit, head }: { after: number; limit: number; head: LogHead },
  ): Promise<EventPage> {
    const items = await this.store.events.list(jobId, { after, limit });
    const last = items.at(-1);
    return {
      items,
      nextAfter: last?.seq ?? Math.min(after, head.lastSeq),
      done: last ? last.type === 'end' : head.sealed && after >= head.lastSeq,
    };
  }
}
