import { randomUUID } from 'node:crypto';
import { jobOwnerKey, jobTypeKey } from '../../src/temporal/search-attributes.js';
import { type Events, createEvents } from '../../store/events.js';
import { type EventStream, type StreamOptions, openStream } from './event-stream.js';
import type { House } from './house.js';
import { whileBusy } from './while-busy.js';

/** Jobs whose logs hold what the test writes, and the streams that follow them. */
export interface WatchedJobs {
  log: Events;
  /** A job that no worker takes, whoever works in the house. */
  start(workflowExecutionTimeout?: '1 second'): Promise<string>;
  tell(id: string, count?: number, message?: string): Promise<void>;
  terminate(id: string): Promise<unknown>;
  /** @param options `url`: of another API process than the house's own */
  watch(id: string, options?: StreamOptions & { url?: string }): Promise<EventStream>;
  cutAll(): void;
}

export const upTo = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
export const numbers = (events: readonly { seq: number }[]): number[] => events.map(({ seq }) => seq);

export function watchedJobs(house: House): WatchedJobs {
  const log = createEvents(house.db);
  const streams: EventStream[] = [];
  return {
    log,
    async start(workflowExecutionTimeout) {
      const workflowId = `job_${randomUUID()}`;
      await house.temporal.workflow.start('extractArticle', {
        taskQueue: 'nobody',
        workflowId,
        args: [{}],
        memo: { owner: 'local', tags: [], metadata: {} },
        typedSearchAttributes: [
          { key: jobTypeKey, value: 'extractArticle' },
          { key: jobOwnerKey, value: 'local' },
        ],
        ...(workflowExecutionTimeout ? { workflowExecutionTimeout } : {}),
      });
      return workflowId;
    },
    async tell(id, count = 1, message = 'on it') {
      const time = new Date().toISOString();
      const event = () => ({ key: randomUUID(), type: 'job.progress' as const, time, data: { message } });
      await log.append(id, Array.from({ length: count }, event));
      await log.announce([id]);
    },
    terminate: (id) => house.temporal.workflow.getHandle(id).terminate('by an operator'),
    async watch(id, { url = house.url, ...options } = {}) {
      const open = async () => {
        const stream = await openStream(`${url}/v1/jobs/${id}/events`, options);
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
