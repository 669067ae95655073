import type { Problem } from '../problems/problems.js';
import type { EventView } from './event-view.js';

/** An event as it is sent, written out once for all viewers. */
export interface FeedEntry {
  seq: number;
  /** What a stream calls the event. */
  type: string;
  json: string;
  /** closing: nothing but the last one follows. last: nothing follows at all. */
  stage?: 'closing' | 'last';
}

/** Where entries come from: numbered from 1 without gaps, and visible in the order of their numbers. */
export interface FeedSource {
  /** Number of the newest one; 0 when there is none. */
  head(): Promise<number>;
  list(options: { after: number; limit: number }): Promise<FeedEntry[]>;
}

/** What the newest entries of a feed may take in memory; viewers who are further back read the log. */
const ringEvents = 256;
const ringCharacters = 256_000;
const pageSize = 256;

export interface EventFeedOptions {
  source: FeedSource;
  onError: (error: unknown) => void;
}

/** Reads what a source has as it grows, once for all who watch it. */
export class EventFeed {
  readonly views = new Set<EventView>();
  readonly onError: (error: unknown) => void;
  /** Number of the newest entry read. */
  head = 0;
  /** Whether the newest entry read is the last one. */
  ended = false;
  /** Whether the last one is about to come. */
  closing = false;
  private ring: FeedEntry[] = [];
  private ringCharacters = 0;
  private reading: Promise<void> | null = null;
  private following: Promise<void> | null = null;
  private readonly source: FeedSource;

  constructor({ source, onError }: EventFeedOptions) {
    this.source = source;
    this.onError = onError;
  }

  /** Begins where the newest entries fit into memory. */
  start(): Promise<void> {
    return this.beginReading(async () => {
      this.head = Math.max(0, (await this.source.head()) - ringEvents);
      await this.read();
    });
  }

  /** Resolves when everything that was there at the time of the call has been read. */
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

  /** What follows the entry with this number; null when some of it is no longer in memory. */
  since(seq: number): readonly FeedEntry[] | null {
    if (seq >= this.head) return [];
    const first = this.ring[0]?.seq ?? Number.POSITIVE_INFINITY;
    return seq + 1 < first ? null : this.ring.slice(seq + 1 - first);
  }

  /** The next part from the source itself. */
  replay(seq: number): Promise<readonly FeedEntry[]> {
    return this.source.list({ after: seq, limit: pageSize });
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
      const entries = await this.source.list({ after: this.head, limit: pageSize });
      if (entries.length > 0) this.take(entries);
      full = entries.length === pageSize;
    }
  }

  private take(entries: readonly FeedEntry[]): void {
    for (const entry of entries) {
      this.ring.push(entry);
      this.ringCharacters += entry.json.length;
      this.head = entry.seq;
      this.ended = entry.stage === 'last';
      this.closing ||= entry.stage === 'closing';
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
