import { LRUCache } from 'lru-cache';
import type { EventType } from '../../job-types/contract/event.js';
import { type Events, type NewEvent, type News, newsOf, stateKey } from '../../store/events.js';
import { isDatabaseRefusal } from '../../store/unavailable.js';
import { TextPace } from './text-pace.js';

/** Long enough to put the start and the end of an instant step into one insert; a person who watches waits as long. */
const gatherMs = 10;
/** Readers are woken at most this often for all jobs of the process together. */
const announceMs = 20;
/** While the database is away, events wait here; beyond this many a job's oldest are not worth the memory. */
const mostWaiting = 2_000;
const againMs = 1_000;
/** Characters; text that waits is put together up to here. */
const longestDelta = 4_000;
/** Runs whose beginning need not be told again. */
const mostBegun = 10_000;

interface Queue {
  waiting: NewEvent[];
  /** How many of the first of them were sent before and may be in the log: they have to stay as they are. */
  sent: number;
  timer: NodeJS.Timeout | null;
  /** When the timer goes off, by `performance.now()`. */
  due: number;
  writing: Promise<void> | null;
}

export interface EventWriter {
  /**
   * Queues an event; it is in the log soon, in the order of the calls for one job. The first step of a run that starts
   * is also told as `job.running`; text that waits to be written is put together.
   */
  write(jobId: string, event: NewEvent): void;
  /** Wakes who reads the job's log or its owner's feed: at once after a pause, otherwise with what else has grown. */
  announce(jobId: string, owner: string): void;
  /**
   * Resolves when what was queued for the job is in the log, or when the database is away: it is then tried again.
   * @returns whether all of it is in the log.
   */
  flush(jobId: string): Promise<boolean>;
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
  const begun = new LRUCache<string, true>({ max: mostBegun });
  const grown = new Map<string, News>();
  const fed = new Set<string>();
  const pace = new TextPace();
  let announcing: NodeJS.Timeout | null = null;
  let announcedAt = 0;
  let closed = false;

  const announce = async () => {
    announcing = null;
    announcedAt = Date.now();
    const told = (news: News) => [...grown].flatMap(([jobId, of]) => (of === news ? [jobId] : []));
    const [state, talkOf, owners] = [told('state'), told('talk'), [...fed]];
    grown.clear();
    fed.clear();
    try {
      await events.announce(state, { talkOf, owners });
    } catch (error) {
      onError(error);
    }
  };

  const announceSoon = (jobId: string, { news, owner }: { news: News; owner: string | null }) => {
    if (owner !== null) fed.add(owner);
    if (news === 'state' || !grown.has(jobId)) grown.set(jobId, news);
    const waitMs = Math.max(0, announcedAt + announceMs - Date.now());
    announcing ??= setTimeout(() => void announce(), waitMs);
  };

  const append = async (jobId: string, queue: Queue): Promise<void> => {
    const batch = queue.waiting.splice(0);
    queue.sent = 0;
    if (batch.some(isPiece)) pace.wrote(jobId);
    try {
      const owner = await events.append(jobId, batch);
      announceSoon(jobId, { news: newsOf(batch), owner });
    } catch (error) {
      onError(error);
      // What PostgreSQL does not take now it will not take later, and must not hold up what comes after it.
      if (isDatabaseRefusal(error)) return;
      queue.waiting.unshift(...batch);
      queue.sent = batch.length;
      const tooMany = Math.max(0, queue.waiting.length - mostWaiting);
      queue.waiting.splice(0, tooMany);
      queue.sent = Math.max(0, queue.sent - tooMany);
      if (!closed) schedule(jobId, { queue, afterMs: againMs });
    }
  };

  const drain = (jobId: string, queue: Queue): Promise<void> => {
    if (queue.timer) clearTimeout(queue.timer);
    queue.timer = null;
    queue.writing ??= append(jobId, queue).finally(() => {
      queue.writing = null;
      if (queue.waiting.length === 0) queues.delete(jobId);
      // What came while this was written may have found its time come and nothing to do.
      else if (!closed) schedule(jobId, { queue, afterMs: gatherTimeOf(jobId, queue.waiting) });
    });
    return queue.writing;
  };

  const gatherTimeOf = (jobId: string, waiting: readonly NewEvent[]): number =>
    waiting.every(isPiece) ? Math.max(gatherMs, pace.waitOf(jobId)) : gatherMs;

  /** What is to be written sooner does not wait for what may wait longer; after a failure everything waits. */
  const schedule = (jobId: string, { queue, afterMs }: { queue: Queue; afterMs: number }) => {
    const due = performance.now() + afterMs;
    if (queue.timer && (queue.sent > 0 || queue.due <= due)) return;
    if (queue.timer) clearTimeout(queue.timer);
    queue.timer = setTimeout(() => void drain(jobId, queue), afterMs);
    queue.due = due;
  };

  const flush = async (jobId: string): Promise<boolean> => {
    const queue = queues.get(jobId);
    if (!queue) return true;
    // What was queued while a write was under way needs a write of its own.
    if (queue.writing) await queue.writing;
    if (queue.waiting.length > 0) await drain(jobId, queue);
    return queue.waiting.length === 0;
  };

  /** The log keeps one beginning a run, whichever process tells it. */
  const begin = (queue: Queue, { scope, time }: NewEvent) => {
    const runId = scope?.split('/')[0];
    if (runId === undefined || begun.has(runId)) return;
    begun.set(runId, true);
    queue.waiting.push({ key: stateKey(runId, 'running'), type: 'job.running', time });
  };

  return {
    write(jobId, event) {
      const queue = queues.get(jobId) ?? newQueue();
      queues.set(jobId, queue);
      if (event.type === 'step.started') begin(queue, event);
      const before = queue.waiting.length > queue.sent ? queue.waiting.pop() : undefined;
      queue.waiting.push(...(before ? together(before, event) : [event]));
      schedule(jobId, { queue, afterMs: gatherTimeOf(jobId, [event]) });
    },
    announce: (jobId, owner) => announceSoon(jobId, { news: 'state', owner }),
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

const newQueue = (): Queue => ({ waiting: [], sent: 0, timer: null, due: 0, writing: null });

type Data = Readonly<Record<string, unknown>>;

/** What models tell in many small pieces, and what two of those are as one; null where they stay two. */
const pieces: Partial<Record<EventType, (before: Data, more: Data) => Data | null>> = {
  'output.delta': (before, more) => {
    const text = String(before['text']) + String(more['text']);
    return text.length > longestDelta ? null : { ...before, text };
  },
  'output.reasoning': (before, more) => ({
    ...before,
    characters: Number(before['characters']) + Number(more['characters']),
  }),
};

const isPiece = ({ type }: NewEvent): boolean => pieces[type] !== undefined;

/** Two pieces of the same as one event; anything else as it is. */
function together(before: NewEvent, event: NewEvent): NewEvent[] {
  const same = before.type === event.type && before.scope === event.scope && before.attempt === event.attempt;
  const data = same ? pieces[event.type]?.(before.data ?? {}, event.data ?? {}) : undefined;
  return data ? [{ ...before, data }] : [before, event];
}
