import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Problem } from '../problems/problems.js';
import type { FeedEntry } from './event-feed.js';
import type { EventSink } from './event-view.js';
import type { OpenStream } from './open-streams.js';

/** Less than the idle limit of any usual proxy. */
const heartbeatMs = 15_000;
/** How long a client that does not read gets to find out why its stream ended. */
const lastWordMs = 10_000;

/** Server-sent events on a reply that Fastify has handed over, which is what makes back-pressure visible. */
export abstract class HeldStream implements EventSink, OpenStream {
  protected readonly raw: ServerResponse;
  private heartbeat: NodeJS.Timeout | undefined;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly reply: FastifyReply,
    /** Beside those that every stream has. */
    private readonly headers: Readonly<Record<string, string>> = {},
  ) {
    this.raw = reply.raw;
  }

  abstract send(entry: FeedEntry): Promise<void> | null;
  abstract done(): void;
  abstract refuse(problem: Problem): void;
  abstract leave(): void;

  /** Answers. What hooks have put on the reply goes out too, which Fastify no longer does. */
  begin(onClose: () => void): void {
    this.reply.hijack();
    for (const [name, value] of Object.entries(this.reply.getHeaders())) {
      if (value !== undefined) this.raw.setHeader(name, value);
    }
    this.raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'x-accel-buffering': 'no',
      // A socket that lives on after its stream would hold a shutdown up.
      connection: 'close',
      ...this.headers,
    });
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs);
    this.raw.once('close', () => {
      clearInterval(this.heartbeat);
      clearTimeout(this.cutOff);
      onClose();
    });
    this.open();
  }

  /** What stands before the first entry. */
  protected open(): void {
    this.raw.flushHeaders();
  }

  /** @returns null while more may follow at once, otherwise what resolves when it may */
  protected write(text: string): Promise<void> | null {
    if (this.raw.write(text)) return null;
    return new Promise((resolve) => this.raw.once('drain', resolve));
  }

  protected end(words = '', patienceMs = lastWordMs): void {
    clearInterval(this.heartbeat);
    clearTimeout(this.cutOff);
    if (this.raw.destroyed) return;
    if (!this.raw.writableEnded) this.raw.end(words);
    this.cutOff = setTimeout(() => this.raw.destroy(), patienceMs);
  }

  private beat(): void {
    if (!this.raw.writableNeedDrain) this.raw.write(': still here\n\n');
  }
}
