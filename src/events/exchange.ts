import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { callerOf } from '../auth/owner.js';
import { preferredWait } from '../reading/prefer.js';
import type { EventView } from './event-view.js';
import type { HeldStream } from './held-stream.js';
import type { OpenStreams } from './open-streams.js';
import { numberIn } from './number-in.js';
import { SseStream } from './sse-stream.js';

/** A request and its answer, which is written by hand: a stream is no answer that Nest knows. */
export interface Exchange {
  request: FastifyRequest;
  reply: FastifyReply;
}

/** The fields of a query for events. */
export const place = {
  after: z.coerce.number().int().min(0),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1_000)
    .default(100)
    .meta({ description: 'Most events of a page; without meaning for a stream' }),
};

/** Headers that every answer with events has. */
export function prepare({ reply }: Exchange): void {
  const before = reply.getHeader('vary');
  void reply.header('vary', before === undefined ? 'Accept' : `${String(before)}, Accept`);
  void reply.header('cache-control', 'no-store');
}

export const wantsStream = ({ headers }: FastifyRequest): boolean =>
  /(^|[,\s])text\/event-stream(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(headers.accept ?? '');

/** What is no number of ours is passed over: the stream then begins at `after`, so nothing is lost. */
export function lastEventId({ headers }: FastifyRequest): number | null {
  const id = headers['last-event-id'];
  return typeof id === 'string' ? numberIn(id) : null;
}

/** What a page that may wait is asked with. */
export interface Waiting {
  owner: string;
  /** Seconds to wait when there is nothing. */
  wait: number;
  /** Aborted when the client has gone. */
  gone: AbortSignal;
}

/** Answers with a page, which may wait for more. */
export async function sendPage(
  { request, reply }: Exchange,
  page: (waiting: Waiting) => Promise<object>,
): Promise<void> {
  const wait = preferredWait(request.headers.prefer);
  const { owner } = callerOf(request);
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  const answer = await page({ owner, wait, gone: gone.signal });
  if (wait > 0) void reply.header('preference-applied', `wait=${wait}`);
  void reply.send(answer);
}

export interface Streaming {
  view: EventView;
  streams: OpenStreams;
  /** In which form; events as they are, when absent. */
  stream?: HeldStream;
  /** Called when the answer has begun, before the first entry. */
  open?: (stream: HeldStream) => void;
}

/**
 * Answers with a stream of what follows, and closes the view in the end.
 * @throws {Problem} too-many-streams, or stopping; nothing has been answered then
 */
export function sendStream({ request, reply }: Exchange, { view, streams, open, ...form }: Streaming): void {
  // An EventSource connects again after every end of a stream, unless it is told that there is no more.
  if (view.complete) {
    view.close();
    void reply.status(204).send();
    return;
  }
  const stream = form.stream ?? new SseStream(reply);
  let release: () => void;
  try {
    release = streams.enter(stream, callerOf(request));
  } catch (error) {
    view.close();
    throw error;
  }
  if (reply.raw.destroyed) {
    release();
    view.close();
    reply.hijack();
    return;
  }
  stream.begin(() => {
    release();
    view.close();
  });
  open?.(stream);
  if (request.method === 'HEAD') stream.done();
  else view.start(stream);
}
