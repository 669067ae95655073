import type { WebSocket } from 'ws';
import type { Caller } from '../auth/authenticator.js';
import type { RateLimits } from '../auth/rate-limits.js';
import { Problem } from '../problems/problems.js';
import { toProblem } from '../problems/to-problem.js';
import type { EventFeeds } from './event-feeds.js';
import type { EventSink, EventView } from './event-view.js';
import type { OpenStream } from './open-streams.js';
import type { OwnerFeeds } from './owner-feeds.js';
import { type ClientFrame, parseFrame } from './socket-frames.js';

/** Jobs one socket may follow at once. */
const mostJobs = 100;
const pingEveryMs = 15_000;
/** Bytes on their way to a client before it has to take some; and before one that takes none is cut off. */
const highWater = 64 * 1024;
const mostWaiting = 1024 * 1024;
const leaveMs = 200;
const lastWordMs = 10_000;

/** RFC 6455, section 7.4.1 and the registry it opened. */
const closeCodes = { goingAway: 1001, policyViolation: 1008, tryAgainLater: 1013 } as const;

/** In place of a job's id: the feed of the owner. */
const ownerFeed = Symbol('feed');
type Followed = string | typeof ownerFeed;

export interface SocketHouse {
  feeds: EventFeeds;
  ownerFeeds: OwnerFeeds;
  limits: RateLimits;
}

/** One client's socket: the jobs it follows, each resumed by number, and the feed of their owner. */
export class SocketSession implements OpenStream {
  private readonly views = new Map<Followed, EventView>();
  /** The newest subscription of each that is still being set up. */
  private readonly pending = new Map<Followed, object>();
  private readonly ping: NodeJS.Timeout;
  private alive = true;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly caller: Caller,
    private readonly house: SocketHouse,
  ) {
    this.ping = setInterval(() => this.beat(), pingEveryMs);
    socket.on('pong', () => {
      this.alive = true;
    });
    socket.on('message', (data: Buffer, isBinary: boolean) => this.hear(data, isBinary));
    // What breaks a socket, such as a frame that is too large, also closes it.
    socket.on('error', () => undefined);
    socket.once('close', () => this.clear());
  }

  leave(): void {
    this.close(closeCodes.goingAway, { reason: 'This process ends; connect again.', patienceMs: leaveMs });
  }

  refuse(problem: Problem): void {
    const failure = problem.toFailure();
    this.say({ error: failure });
    this.close(failure.status < 500 ? closeCodes.policyViolation : closeCodes.tryAgainLater, {
      reason: problem.code,
      patienceMs: lastWordMs,
    });
  }

  private hear(data: Buffer, isBinary: boolean): void {
    let frame: ClientFrame;
    try {
      frame = parseFrame(data, isBinary);
    } catch (error) {
      this.say({ error: toProblem(error).toFailure() });
      return;
    }
    for (const job of frame.unsubscribe) this.unfollow(job);
    for (const { job, after } of frame.subscribe) void this.subscribe(job, after);
    if (frame.feed === null) this.unfollow(ownerFeed);
    else if (frame.feed) void this.subscribeToFeed(frame.feed.after ?? null);
  }

  private subscribe(job: string, after: number): Promise<void> {
    return this.follow(job, {
      open: () => this.house.feeds.view(job, { owner: this.caller.owner, after }),
      start: (view) => {
        // The end is said again to who has it already: on a socket that stays open, silence would say nothing.
        if (view.complete) view.stepBack();
        view.start(this.sinkFor(job));
      },
    });
  }

  private subscribeToFeed(after: number | null): Promise<void> {
    return this.follow(ownerFeed, {
      open: () => this.house.ownerFeeds.view(this.caller.owner, after),
      start: (view) => {
        this.say({ feed: { after: view.at } });
        view.start(this.sinkFor(ownerFeed));
      },
    });
  }

  /** What is followed already is followed anew. */
  private async follow(
    what: Followed,
    { open, start }: { open: () => Promise<EventView>; start: (view: EventView) => void },
  ): Promise<void> {
    this.unfollow(what);
    const token = {};
    this.pending.set(what, token);
    try {
      if (this.jobs > mostJobs) {
        throw new Problem('too-many-streams', `A socket follows at most ${mostJobs} jobs.`);
      }
      await this.house.limits.take('stream', this.caller.owner);
      const view = await open();
      if (this.pending.get(what) !== token) {
        view.close();
        return;
      }
      this.views.set(what, view);
      start(view);
    } catch (error) {
      if (this.pending.get(what) === token) this.say({ ...named(what), error: toProblem(error).toFailure() });
    } finally {
      if (this.pending.get(what) === token) this.pending.delete(what);
    }
  }

  /** Followed, or about to be. */
  private get jobs(): number {
    return [...this.views.keys(), ...this.pending.keys()].filter((what) => what !== ownerFeed).length;
  }

  private unfollow(what: Followed): void {
    this.pending.delete(what);
    this.views.get(what)?.close();
    this.views.delete(what);
  }

  private sinkFor(what: Followed): EventSink {
    const head = what === ownerFeed ? '{"entry":' : `{"job":${JSON.stringify(what)},"event":`;
    return {
      send: ({ json }) => {
        const sent = new Promise<void>((resolve) => this.socket.send(`${head}${json}}`, () => resolve()));
        return this.socket.bufferedAmount < highWater ? null : sent;
      },
      done: () => void this.views.delete(what),
      refuse: (problem) => {
        this.views.delete(what);
        this.say({ ...named(what), error: problem.toFailure() });
      },
    };
  }

  private say(frame: object): void {
    this.socket.send(JSON.stringify(frame), () => undefined);
    if (this.socket.bufferedAmount > mostWaiting) this.socket.terminate();
  }

  private beat(): void {
    if (!this.alive) {
      this.socket.terminate();
      return;
    }
    this.alive = false;
    this.socket.ping();
  }

  private close(code: number, { reason, patienceMs }: { reason: string; patienceMs: number }): void {
    this.clear();
    this.socket.close(code, reason);
    this.cutOff = setTimeout(() => this.socket.terminate(), patienceMs);
  }

  private clear(): void {
    clearInterval(this.ping);
    clearTimeout(this.cutOff);
    for (const view of this.views.values()) view.close();
    this.views.clear();
    this.pending.clear();
  }
}

const named = (what: Followed): { job: string } | { feed: null } =>
  what === ownerFeed ? { feed: null } : { job: what };
