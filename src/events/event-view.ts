import type { EventFeed, FeedEntry } from './event-feed.js';
import { Problem } from '../problems/problems.js';

/** Where a viewer's events go: an SSE stream, a socket, a page that waits. */
export interface EventSink {
  /** @returns null while more may follow at once, otherwise what resolves when it may */
  send(entry: FeedEntry): Promise<void> | null;
  /** The log is complete and was sent. */
  done(): void;
  /** The viewer is let go before the end; it may come back and resume. */
  refuse(problem: Problem): void;
}

/** A connection that takes nothing while so much arrives for it, or for so long, is given up. */
export const slowReader = { events: 1_000, characters: 1_000_000, seconds: 30 } as const;

/** One viewer of one feed: where it is in it, and how well it keeps up. Nothing is kept for it but its place. */
export class EventView {
  private sent: number;
  private sink: EventSink | null = null;
  private pumping = false;
  private blocked: { since: number; events: number; characters: number } | null = null;

  /** @param after the number of the last entry that the viewer has */
  constructor(
    private readonly feed: EventFeed,
    after: number,
  ) {
    this.sent = after;
    feed.views.add(this);
  }

  /** Whether there is nothing to come: the viewer has the end already. */
  get complete(): boolean {
    return this.feed.ended && this.sent >= this.feed.head;
  }

  /** The number of the last entry that the viewer has. */
  get at(): number {
    return this.sent;
  }

  /** A number from the future, as from a log that was restored from a backup, counts as the newest one. */
  async settle(): Promise<void> {
    if (this.sent > this.feed.head) await this.feed.grow();
    this.sent = Math.min(this.sent, this.feed.head);
  }

  /** The newest event is sent again. */
  stepBack(): void {
    this.sent = Math.max(0, this.feed.head - 1);
  }

  start(sink: EventSink): void {
    this.sink = sink;
    this.wake([]);
  }

  close(): void {
    this.sink = null;
    this.feed.views.delete(this);
  }

  /** Called by the feed with what is new. */
  wake(entries: readonly FeedEntry[]): void {
    if (this.blocked) {
      this.blocked.events += entries.length;
      for (const { json } of entries) this.blocked.characters += json.length;
      this.giveUpWhenSlow();
      return;
    }
    const somethingToSend = this.sent < this.feed.head || this.feed.ended;
    if (somethingToSend && !this.pumping && this.sink) void this.pump();
  }

  giveUpWhenSlow(now = performance.now()): void {
    if (!this.blocked) return;
    const { since, events, characters } = this.blocked;
    const seconds = (now - since) / 1000;
    if (events <= slowReader.events && characters <= slowReader.characters && seconds <= slowReader.seconds) {
      return;
    }
    const last = `The last event sent was number ${this.sent}.`;
    this.refuse(new Problem('reader-too-slow', `Events were not taken as they came. ${last}`));
  }

  refuse(problem: Problem): void {
    const { sink } = this;
    this.close();
    sink?.refuse(problem);
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    try {
      for (;;) {
        const entries = this.feed.since(this.sent) ?? (await this.feed.replay(this.sent));
        if (entries.length === 0) break;
        for (const entry of entries) {
          if (!this.sink) return;
          const taken = this.sink.send(entry);
          this.sent = entry.seq;
          if (taken) await this.untilTaken(taken);
        }
      }
      if (this.complete) this.finish();
    } catch (error) {
      // The log cannot be read for now; the feed wakes its viewers again.
      this.feed.onError(error);
    } finally {
      this.pumping = false;
    }
  }

  private async untilTaken(taken: Promise<void>): Promise<void> {
    this.blocked = { since: performance.now(), events: 0, characters: 0 };
    await taken;
    this.blocked = null;
  }

  private finish(): void {
    const { sink } = this;
    this.close();
    sink?.done();
  }
}
