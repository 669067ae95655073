import type { Client } from '../client/index.js';
import { cancelJob, readJob } from '../sdk.gen.js';
import type { Event, Failure, Job } from '../types.gen.js';
import { beforeNextFrame, isHidden } from './browser.js';
import { type Connection, followLog, type ReadLog } from './event-log.js';
import { createPace } from './pace.js';
import { lastText, type Passage, passagesWith } from './passages.js';
import { toFailure } from './to-failure.js';
import { askedMs, isRefusal, waitMs } from './waits.js';

/** What there is to show of a job. */
export interface Watched {
  /** Null until it has been read. */
  job: Job | null;
  /** What its model says, or has said last. */
  text: string;
  /** Why it cannot be read, or was not cancelled. */
  error: Failure | null;
  /** How its events come. While they do not, the job is polled. */
  connection: Connection;
}

type Hearing = (events: readonly Event[]) => void;

const atFirst: Watched = { job: null, text: '', error: null, connection: 'connecting' };

/** Much of it comes many times a second, and says nothing that the job itself does not. */
const talk: ReadonlySet<Event['type']> = new Set(['output.delta', 'output.reset', 'output.reasoning']);

/** One job, followed by one connection and at most one poller, for as long as anybody looks. */
export class JobWatch {
  private watched = atFirst;
  private readonly listeners = new Set<() => void>();
  private readonly hearings = new Set<Hearing>();
  private log: Event[] = [];
  private waiting: Event[] = [];
  private passages: readonly Passage[] = [];
  private refusals: { read: Failure | null; cancel: Failure | null } = { read: null, cancel: null };
  private reads = { begun: 0, shown: 0 };
  /** Polls since the stream was last alive. */
  private looks = 0;
  private closings = 0;
  private askedMs = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private callOff: (() => void) | null = null;
  private unfollow: (() => void) | null = null;
  private readonly pace = createPace(() => void this.read());

  constructor(
    private readonly client: Client,
    private readonly id: string,
    private readonly readLog?: ReadLog,
  ) {}

  readonly get = (): Watched => this.watched;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    if (this.listeners.size === 1) this.open();
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size === 0) this.close();
    };
  };

  /** Tells the events, those first that were told before. */
  hear(hearing: Hearing): () => void {
    this.hearings.add(hearing);
    if (this.log.length > 0) hearing(this.log);
    return () => this.hearings.delete(hearing);
  }

  /** Looks again at once, after a refusal too. */
  readonly again = (): void => {
    if (this.watched.connection === 'over' && this.refusals.read) {
      this.close();
      this.open();
    } else void this.read();
  };

  /** What is refused is told in `error`. */
  readonly cancel = async (reason?: string): Promise<void> => {
    const body = reason === undefined ? {} : { reason };
    const { closings } = this;
    const { data, error } = await cancelJob({ client: this.client, path: { id: this.id }, body });
    // Nobody looks any more, or whoever looks now has asked for nothing.
    if (closings !== this.closings) return;
    this.refusals.cancel = data ? null : toFailure(error);
    this.show(data ? { job: data } : {});
    if (data) this.pace.again();
  };

  private open(): void {
    this.unfollow = followLog(this.id, {
      client: this.client,
      read: this.readLog,
      onEvent: (event) => this.told(event),
      onState: (connection) => {
        if (connection === 'live') this.looks = 0;
        if (connection === this.watched.connection) return;
        this.show({ connection });
        // A log that was refused says why when the job is read.
        if (connection === 'over' && !this.watched.job?.done) void this.read();
        else this.plan();
      },
    });
    void this.read();
  }

  private close(): void {
    this.closings += 1;
    this.unfollow?.();
    this.unfollow = null;
    this.callOff?.();
    this.callOff = null;
    this.pace.stop();
    clearTimeout(this.timer);
    this.log = [];
    this.waiting = [];
    this.passages = [];
    this.refusals = { read: null, cancel: null };
    this.looks = 0;
    this.askedMs = 0;
    // What is under way is no answer to who looks next.
    this.reads.shown = this.reads.begun;
    this.watched = atFirst;
  }

  private told(event: Event): void {
    const last = this.waiting.at(-1) ?? this.log.at(-1);
    if (last && event.seq <= last.seq) return;
    this.waiting.push(event);
    this.callOff ??= beforeNextFrame(() => this.tell());
    if (!talk.has(event.type)) this.pace.again();
  }

  private tell(): void {
    const events = this.waiting;
    this.waiting = [];
    this.callOff = null;
    this.log.push(...events);
    this.passages = events.reduce(passagesWith, this.passages);
    for (const hearing of this.hearings) hearing(events);
    this.show({});
  }

  private async read(): Promise<void> {
    this.reads.begun += 1;
    const number = this.reads.begun;
    const { data, error, response } = await readJob({ client: this.client, path: { id: this.id } });
    // A later one was quicker, or nobody looks any more.
    if (number <= this.reads.shown || !this.unfollow) return;
    this.reads.shown = number;
    this.askedMs = askedMs(response);
    this.refusals.read = data ? null : toFailure(error);
    this.show(data ? { job: data } : {});
    this.plan();
  }

  /** Reads the job again in a while, where no event will say that it has changed. */
  private plan(): void {
    clearTimeout(this.timer);
    const { job, connection } = this.watched;
    const { read } = this.refusals;
    if (!this.unfollow || (read && isRefusal(read.status)) || (!read && (job?.done || connection === 'live')))
      return;
    this.timer = setTimeout(
      () => {
        this.looks += 1;
        if (isHidden()) this.plan();
        else void this.read();
      },
      Math.max(waitMs(this.looks), this.askedMs),
    );
  }

  private show(more: Partial<Watched>): void {
    const { read, cancel } = this.refusals;
    const job = more.job ?? this.watched.job;
    const text = lastText(this.passages) ?? job?.output?.text ?? '';
    this.watched = { ...this.watched, ...more, text, error: read ?? cancel };
    for (const listener of this.listeners) listener();
  }
}
