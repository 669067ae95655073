import type { WebSocket } from 'ws';
import type { Caller } from '../auth/authenticator.js';
import type { RateLimits } from '../auth/rate-limits.js';
import { Problem } from '../problems/problems.js';
import { toProblem } from '../problems/to-problem.js';
import type { EventFeeds } from './event-feeds.js';
import type { EventSink, EventView } from './event-view.js';
import type { OpenStream } from './open-streams.js';
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
const closeCodes = { goingAway: 1001, policyViolation: 1008 } as const;

/** One client's socket: the jobs it follows, each resumed by number. */
export class SocketSession implements OpenStream {
  private readonly views = new Map<string, EventView>();
  /** The newest subscription of each job that is still being set up. */
  private readonly pending = new Map<string, object>();
  private readonly ping: NodeJS.Timeout;
  private alive = true;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly caller: Caller,
    private readonly house: { feeds: EventFeeds; limits: RateLimits },
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
    this.say({ error: problem.toFailure() });
    this.close(closeCodes.policyViolation, { reason: problem.code, patienceMs: lastWordMs });
  }

  private hear(data: Buffer, isBinary: boolean): void {
    let frame: ClientFrame;
    try {
      frame = parseFrame(data, isBinary);
    } catch (error) {
      this.say({ error: toProblem(error).toFailure() });
      return;
    }
    for (const job of frame.unsubscribe) this.unsubscribe(job);
    for (const { job, after } of frame.subscribe) void this.subscribe(job, after);
  }

  /** A job that is followed already is followed anew from there. */
  private async subscribe(job: string, after: number): Promise<void> {
    this.unsubscribe(job);
    const token = {};
    this.pending.set(job, token);
    try {
      if (this.views.size + this.pending.size > mostJobs) {
        throw new Problem('too-many-streams', `A socket follows at most ${mostJobs} jobs.`);
      }
      await this.house.limits.take('stream', this.caller.owner);
      const view = await this.house.feeds.view(job, { owner: this.caller.owner, after });
      if (this.pending.get(job) !== token) {
        view.close();
        return;
      }
      this.views.set(job, view);
      // The end is said again to who has it already: on a socket that stays open, silence would say nothing.
      if (view.complete) view.stepBack();
      view.start(this.sinkFor(job));
    } catch (error) {
      if (this.pending.get(job) === token) this.say({ job, error: toProblem(error).toFailure() });
    } finally {
      if (this.pending.get(job) === token) this.pending.delete(job);
    }
  }

  private unsubscribe(job: string): void {
    this.pending.delete(job);
    this.views.get(job)?.close();
    this.views.delete(job);
  }

  private sinkFor(job: string): EventSink {
    const head = `{"job":${JSON.stringify(job)},"event":`;
    return {
      send: ({ json }) => {
        const sent = new Promise<void>((resolve) => this.socket.send(`${head}${json}}`, () => resolve()));
        return this.socket.bufferedAmount < highWater ? null : sent;
      },
      done: () => void this.views.delete(job),
      refuse: (problem) => {
        this.views.delete(job);
        this.say({ job, error: problem.toFailure() });
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
