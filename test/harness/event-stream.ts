import { Agent, type IncomingHttpHeaders, type IncomingMessage, get } from 'node:http';
import { createParser } from 'eventsource-parser';
import type { Failure } from '../../job-types/contract/failure.js';
import { JobEvent, OwnerEvent } from '../../job-types/contract/event.js';
import { until } from './until.js';

export interface StreamOptions {
  /** Of the query. */
  after?: number;
  /** Of the header Last-Event-ID. */
  lastEventId?: string;
  headers?: Record<string, string>;
}

/** A stream of events as a client sees it. */
export interface EventStream<Entry extends { seq: number } = JobEvent> {
  status: number;
  headers: IncomingHttpHeaders;
  /** In the order in which they came. */
  events: Entry[];
  /** Where a feed says that it begins. */
  begin: number | null;
  /** Of the last `error` event. */
  problem: Failure | null;
  comments: string[];
  /** What the server last asked for, in milliseconds. */
  retryMs: number | null;
  /** Whether the answer is over, for whatever reason. */
  closed: boolean;
  /** Waits until the client has the event with this number. */
  upTo(seq: number): Promise<void>;
  untilClosed(): Promise<void>;
  /** Reads no more from the connection. */
  pause(): void;
  resume(): void;
  cut(): void;
}

/** @param address the events of a job: `<api>/v1/jobs/<id>/events` */
export const openStream = (address: string, options: StreamOptions = {}): Promise<EventStream> =>
  open(address, {
    ...options,
    read(json) {
      const entry = JobEvent.parse(json);
      return { entry, type: entry.type };
    },
  });

/** @param address the feed of an owner: `<api>/v1/events` */
export const openFeed = (address: string, options: StreamOptions = {}): Promise<EventStream<OwnerEvent>> =>
  open(address, {
    ...options,
    read(json) {
      const entry = OwnerEvent.parse(json);
      return { entry, type: entry.event.type };
    },
  });

interface Reading<Entry> extends StreamOptions {
  /** Checks what came, and says what the stream has to call it. */
  read(json: unknown): { entry: Entry; type: string };
}

async function open<Entry extends { seq: number }>(
  address: string,
  { read, ...options }: Reading<Entry>,
): Promise<EventStream<Entry>> {
  const url = new URL(address);
  if (options.after !== undefined) url.searchParams.set('after', String(options.after));
  const headers: Record<string, string> = { accept: 'text/event-stream', ...options.headers };
  if (options.lastEventId !== undefined) headers['last-event-id'] = options.lastEventId;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    get(url, { headers, agent: new Agent({ keepAlive: false }) }, resolve).on('error', reject);
  });
  const stream: EventStream<Entry> = {
    status: response.statusCode ?? 0,
    headers: response.headers,
    events: [],
    begin: null,
    problem: null,
    comments: [],
    retryMs: null,
    closed: false,
    async upTo(seq) {
      const what = `event ${seq} has come`;
      await until(() => (stream.events.at(-1)?.seq ?? 0) >= seq, { what });
    },
    async untilClosed() {
      await until(() => stream.closed, { what: 'the stream is closed' });
    },
    pause: () => void response.pause(),
    resume: () => void response.resume(),
    cut: () => void response.destroy(),
  };
  const parser = createParser({
    onEvent({ id, event, data }) {
      if (event === 'error') {
        stream.problem = JSON.parse(data) as Failure;
        return;
      }
      if (event === 'begin') {
        stream.begin = Number(id);
        return;
      }
      const { entry, type } = read(JSON.parse(data));
      if (String(entry.seq) !== id || type !== event) throw new Error(`the frame of ${id} is wrong`);
      stream.events.push(entry);
    },
    onComment: (comment) => void stream.comments.push(comment),
    onRetry: (ms) => {
      stream.retryMs = ms;
    },
  });
  response.setEncoding('utf8');
  response.on('data', (text: string) => parser.feed(text));
  response.on('error', () => undefined);
  response.once('close', () => {
    stream.closed = true;
  });
  return stream;
}
