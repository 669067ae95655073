import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import type { Problem } from '../problems/problems.js';
import type { FeedEntry } from './event-feed.js';
import type { EventSink } from './event-view.js';

/** Milliseconds a client waits before it connects again by itself. */
const retryMs = 2_000;
/** Less than the idle limit of any usual proxy. */
const heartbeatMs = 15_000;
/** How long a client that does not read gets to find out why its stream ended. */
const lastWordMs = 10_000;
const leaveMs = 200;

/** Server-sent events on a reply that Fastify has handed over, which is what makes back-pressure visible. */
export class SseStream implements EventSink {
  private readonly raw: ServerResponse;
  private heartbeat: NodeJS.Timeout | undefined;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(private readonly reply: FastifyReply) {
    this.raw = reply.raw;
  }

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
    });
    this.raw.write(`retry: ${retryMs}\n\n`);
    this.heartbeat = setInterval(() => this.beat(), heartbeatMs);
    this.raw.once('close', () => {
      clearInterval(this.heartbeat);
      clearTimeout(this.cutOff);
      onClose();
    });
  }

  send({ seq, type, json }: FeedEntry): Promise<void> | null {
    if (this.raw.write(`id: ${seq}\nevent: ${type}\ndata: ${json}\n\n`)) return null;
    return new Promise((resolve) => this.raw.once('drain', resolve));
  }

  done(): void {
    this.end('', lastWordMs);
  }

  refuse(problem: Problem): void {
    this.end(`event: error\ndata: ${JSON.stringify(problem.toFailure())}\n\n`, lastWordMs);
  }

  /** The clients of a process that ends come back to another one, and not all in the same moment. */
  leave(): void {
    const ms = Math.ceil(Math.random() * retryMs);
    this.end(`: this process ends; connect again\nretry: ${ms}\n\n`, leaveMs);
  }

  private end(words: string, patienceMs: number): void {
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
