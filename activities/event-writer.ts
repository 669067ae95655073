import type { Events, NewEvent } from '../store/events.js';

/** Long enough to put the start and the end of an instant step, or a few words of a model, into one insert. */
const gatherMs = 20;
/** Readers are woken at most this often for all jobs of the process together. */
const announceMs = 20;
/** While the database is away, events wait here; beyond this many a job's oldest text is not worth the memory. */
const mostWaiting = 2_000;
const againMs = 1_000;

interface Queue {
  waiting: NewEvent[];
  timer: NodeJS.Timeout | null;
  writing: Promise<void> | null;
}

export interface EventWriter {
  /** Queues an event; it is in the log soon, in the order of the calls for one job. */
  write(jobId: string, event: NewEvent): void;
  /** Resolves when what was queued for the job is in the log, or when the database is away (it is tried again). */
  flush(jobId: string): Promise<void>;
  close(): Promise<void>;
}

export interface EventWriterOptions {
  onError(error: unknown): void;
}

/**
 * Writes the event logs of the jobs this process works on. Events are for watchers: a database that is away delays
 * them and never fails a step.
 */
export function createEventWriter(events: Events, { onError }: EventWriterOptions): EventWriter {
  const queues = new Map<string, Queue>();
  const grown = new Set<string>();
  let announcing: NodeJS.Timeout | null = null;
  let closed = false;

  const announce = async () => {
    announcing = null;
    const jobIds = [...grown];
    grown.clear();
    try {
      // PostgreSQL refuses payloads of 8,000 bytes and more.
      for (let i = 0; i < jobIds.length; i += 50) await events.announce(jobIds.slice(i, i + 50));
    } catch (error) {
      onError(error);
    }
  };

  const append = async (jobId: string, queue: Queue): Promise<void> => {
    const batch = queue.waiting.splice(0);
    try {
      await events.append(jobId, batch);
      grown.add(jobId);
      announcing ??= setTimeout(() => void announce(), announceMs);
    } catch (error) {
      queue.waiting.unshift(...batch);
      queue.waiting.splice(0, queue.waiting.length - mostWaiting);
      if (!closed) schedule(jobId, { queue, afterMs: againMs });
      onError(error);
    }
  };

  const drain = (jobId: string, queue: Queue): Promise<void> => {
    if (queue.timer) clearTimeout(queue.timer);
    queue.timer = null;
    queue.writing ??= append(jobId, queue).finally(() => {
      queue.writing = null;
      if (queue.waiting.length === 0) queues.delete(jobId);
    });
    return queue.writing;
  };

  const schedule = (jobId: string, { queue, afterMs }: { queue: Queue; afterMs: number }) => {
    queue.timer ??= setTimeout(() => void drain(jobId, queue), afterMs);
  };

  const flush = async (jobId: string): Promise<void> => {
    const queue = queues.get(jobId);
    if (!queue) return;
    // What was queued while a write was under way needs a write of its own.
    if (queue.writing) await queue.writing;
    if (queue.waiting.length > 0) await drain(jobId, queue);
  };

  return {
    write(jobId, event) {
      const queue = queues.get(jobId) ?? { waiting: [], timer: null, writing: null };
      queues.set(jobId, queue);
      queue.waiting.push(event);
      schedule(jobId, { queue, afterMs: gatherMs });
    },
    flush,
    async close() {
      closed = true;
      await Promise.all([...queues.keys()].map(flush));
      for (const queue of queues.values()) if (queue.timer) clearTimeout(queue.timer);
      queues.clear();
      if (announcing) {
        clearTimeout(announcing);
        await announce();
      }
    },
  };
}
