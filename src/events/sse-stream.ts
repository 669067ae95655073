import type { Problem } from '../problems/problems.js';
import type { FeedEntry } from './event-feed.js';
import { HeldStream } from './held-stream.js';

/** Milliseconds a client waits before it connects again by itself. */
const retryMs = 2_000;
const leaveMs = 200;

/** Events as they are, with their numbers. */
export class SseStream extends HeldStream {
  protected override open(): void {
    this.raw.write(`retry: ${retryMs}\n\n`);
  }

  send({ seq, type, json }: FeedEntry): Promise<void> | null {
    return this.write(`id: ${seq}\nevent: ${type}\ndata: ${json}\n\n`);
  }

  done(): void {
    this.end();
  }

  refuse(problem: Problem): void {
    this.end(`event: error\ndata: ${JSON.stringify(problem.toFailure())}\n\n`);
  }

  /** The clients of a process that ends come back to another one, and not all in the same moment. */
  leave(): void {
    const ms = Math.ceil(Math.random() * retryMs);
    this.end(`: this process ends; connect again\nretry: ${ms}\n\n`, leaveMs);
  }
}
