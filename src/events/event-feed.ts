import type { JobEvent } from '../../job-types/contract/event.js';
import { finalStatuses } from '../../job-types/contract/job.js';
import type { Events } from '../../store/events.js';
import type { Problem } from '../problems/problems.js';
import type { EventView } from './event-view.js';

/** An event as it is sent, written out once for all viewers. */
export interface FeedEntry {
  seq: number;
  type: JobEvent['type'];
  json: string;
}

/** What a job's newest events may take in memory; viewers who are further back read the log. */
const ringEvents = 256;
const ringCharacters = 256_000;
const pageSize = 256;

export interface EventFeedOptions {
  jobId: string;
  owner: string;
  events: Pick<Events, 'heads' | 'list'>;
  onError: (error: unknown) => void;
}

/** Reads the log of one job as it grows, once for all who watch it. */
export class EventFeed {
  readonly jobId: string;
  readonly owner: string;
  readonly views = new Set<EventView>();
  readonly onError: (error: unknown) => void;
  /** Number of the newest event read. */
  head = 0;
  /** Whether the newest event read is the end of the job. */
  ended = false;
  /** Whether the job has told how it ended, so that its run closes in a moment. */
  closing = false;
  private ring: FeedEntry[] = [];
  private ringCharacters = 0;
  private reading: Promise<void> | null = null;
  private following: Promise<void> | null = null;
  private readonly events: EventFeedOptions['events'];

  constructor({ jobId, owner, events, onError }: EventFeedOptions) {
    this.jobId = jobId;
    this.owner = owner;
    this.events = events;
    this.onError = onError;
  }

  /** Begins where the newest events fit into memory. */
  start(): Promise<void> {
    return this.beginReading(async () => {
      const { lastSeq = 0 } = (await this.events.heads([this.jobId])).get(this.jobId) ?? {};
      this.head = Math.max(0, lastSeq - ringEvents);
      await this.read();
    });
  }

  /** Resolves when everything that was in the log at the time of the call has been read. */
  grow(): Promise<void> {
    if (!this.reading) return this.beginReading();
    // The read under way may be past the place where something has just come; one more serves all who ask meanwhile.
    this.following ??= this.reading
      .catch(() => undefined)
      .then(() => {
        this.following = null;
        return this.reading ?? this.beginReading();
      });
    return this.following;
  }

  /** What follows the event with this number; null when some of it is no longer in memory. */
  since(seq: number): readonly FeedEntry[] | null {
    if (seq >= this.head) return [];
    const first = this.ring[0]?.seq ?? Number.POSITIVE_INFINITY;
    return seq + 1 < first ? null : this.ring.slice(seq + 1 - first);
  }

  /** The next part of the log itself. */
  async replay(seq: number): Promise<readonly FeedEntry[]> {
    return (await this.events.list(this.jobId, { after: seq, limit: pageSize })).map(toEntry);
  }

  /** Viewers whose own reading failed go on. */
  wakeAll(): void {
    for (const view of this.views) view.wake([]);
  }

  refuseAll(problem: Problem): void {
    for (const view of this.views) view.refuse(problem);
  }

  private beginReading(read = () => this.read()): Promise<void> {
    this.reading = read().finally(() => {
      this.reading = null;
    });
    return this.reading;
  }

  private async read(): Promise<void> {
    for (let full = true; full && !this.ended;) {
      const events = await this.events.list(this.jobId, { after: this.head, limit: pageSize });
      if (events.length > 0) this.take(events.map(toEntry));
      full = events.length === pageSize;
    }
  }

  private take(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      this.ring.push(entry);
      this.ringCharacters += entry.json.length;
      this.head = entry.seq;
      this.ended = entry.type === 'end';
      this.closing ||= closingTypes.has(entry.type);
    }
    let drop = Math.max(0, this.ring.length - ringEvents);
    for (const { json } of this.ring.slice(0, drop)) this.ringCharacters -= json.length;
    while (this.ringCharacters > ringCharacters && drop < this.ring.length) {
      this.ringCharacters -= this.ring[drop]?.json.length ?? 0;
      drop += 1;
    }
    this.ring.splice(0, drop);
    for (const view of this.views) view.wake(entries);
  }
}

const closingTypes: ReadonlySet<JobEvent['type']> = new Set(
  finalStatuses.map((status) => `job.${status}` as const),
);

const toEntry = (event: JobEvent): FeedEntry => ({
  seq: event.seq,
  type: event.type,
  json: JSON.stringify(event),
});
