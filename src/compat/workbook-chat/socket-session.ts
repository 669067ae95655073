import { isRecord } from '../../../job-types/contract/is-record.js';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { WebSocket } from 'ws';
import type { ChatJob } from '../../../store/workbook-records.js';
import type { Caller } from '../../auth/authenticator.js';
import type { Store } from '../../database/store.js';
import type { EventFeeds } from '../../events/event-feeds.js';
import type { EventSink, EventView } from '../../events/event-view.js';
import type { OpenStream } from '../../events/open-streams.js';
import { Problem } from '../../problems/problems.js';
import { type Frame, WorkflowFrames } from './frames.js';
import { ChatId } from './requests.js';

/** Bytes on their way to a client before it has to take some; and before one that takes none is cut off. */
const highWater = 64 * 1024;
const mostWaiting = 1024 * 1024;
const pingEveryMs = 15_000;
/** How often it is looked for plans that were confirmed through another process. */
const lookEveryMs = 1_000;
const leaveMs = 200;
/** RFC 6455, section 7.4.1. */
const goingAway = 1001;
const mostChats = 20;
/** Conversations that a socket may ask for within a minute; each is looked up. */
const mostAsked = 60;
const askedWithinMs = 60_000;

const tooMany = `Too many conversations: a socket follows ${mostChats}.`;

export interface SessionOptions {
  caller: Caller;
  /** Null: the newest plan of the owner, whatever its conversation. */
  chat: string | null;
  store: Store;
  feeds: EventFeeds;
}

/** What is followed: a conversation from its beginning, or the newest plan. */
interface Followed {
  chat: string | null;
  /** Jobs that were told of, the one that is being told last. */
  told: Set<string>;
  view: EventView | null;
  looking: boolean;
}

/** One client's socket. */
export class WorkbookSession implements OpenStream {
  private readonly followed = new Map<string | null, Followed>();
  private readonly ping: NodeJS.Timeout;
  private readonly look: NodeJS.Timeout;
  /** When conversations were asked for of late, by the clock of `performance`. */
  private askedAt: number[] = [];
  private alive = true;
  private closed = false;
  private cutOff: NodeJS.Timeout | undefined;

  constructor(
    private readonly socket: WebSocket,
    private readonly options: SessionOptions,
  ) {
    this.ping = setInterval(() => this.beat(), pingEveryMs);
    this.look = setInterval(() => this.lookAll(), lookEveryMs);
    socket.on('pong', () => {
      this.alive = true;
    });
    socket.on('message', (data: Buffer) => void this.hear(data.toString()));
    // What breaks a socket also closes it.
    socket.on('error', () => undefined);
    socket.once('close', () => this.clear());
    this.say({ type: 'connected', message: 'Connected' });
    this.follow(options.chat);
  }

  /** There may be something new of this job. */
  noticed(jobId: string): void {
    for (const one of this.followed.values()) {
      if (one.chat === null || jobId.startsWith(`${one.chat}_workflow_`)) void this.lookAt(one);
    }
  }

  leave(): void {
    this.clear();
    this.socket.close(goingAway, 'This process ends; connect again.');
    this.cutOff = setTimeout(() => this.socket.terminate(), leaveMs);
  }

  refuse(problem: Problem): void {
    this.say({ type: 'error', message: problem.message });
    this.leave();
  }

  private async hear(text: string): Promise<void> {
    const frame = frameIn(text);
    if (!frame) {
      this.say({ type: 'error', message: 'The message is not a JSON object.' });
      return;
    }
    const { type, chat_id: chat } = frame;
    if (type === 'ping') this.say({ type: 'pong' });
    else if (type === 'subscribe' && typeof chat === 'string') await this.subscribe(chat);
    else this.say({ type: 'ack', original: frame });
  }

  private async subscribe(chat: string): Promise<void> {
    const refusal = this.mayAsk(chat);
    if (refusal !== null) {
      this.say({ type: 'error', message: refusal });
      return;
    }
    const { caller, store } = this.options;
    try {
      const known =
        this.followed.has(chat) || (await store.workbookChats.find({ owner: caller.owner, chat }));
      if (!known) this.say({ type: 'error', message: 'Conversation not found' });
      else if (this.isFull(chat)) this.say({ type: 'error', message: tooMany });
      else {
        this.say({ type: 'ack', original: { type: 'subscribe', chat_id: chat }, chat_id: chat });
        this.follow(chat);
      }
    } catch {
      this.say({ type: 'error', message: 'The conversation cannot be read for now. Subscribe again.' });
    }
  }

  /** @returns what is said instead of looking the conversation up; null when it may be */
  private mayAsk(chat: string): string | null {
    if (!ChatId.safeParse(chat).success) return 'Conversation not found';
    if (this.isFull(chat)) return tooMany;
    const now = performance.now();
    this.askedAt = this.askedAt.filter((at) => now - at < askedWithinMs);
    if (this.askedAt.length >= mostAsked) return `Too many subscriptions: ${mostAsked} a minute are taken.`;
    this.askedAt.push(now);
    return null;
  }

  private isFull(chat: string): boolean {
    return !this.followed.has(chat) && this.followed.size >= mostChats;
  }

  private follow(chat: string | null): void {
    if (this.closed || this.followed.has(chat)) return;
    const followed = { chat, told: new Set<string>(), view: null, looking: false };
    this.followed.set(chat, followed);
    void this.lookAt(followed);
  }

  private lookAll(): void {
    for (const one of this.followed.values()) void this.lookAt(one);
  }

  /** The next plan is told when the one before it is over; of the newest alone, at once. */
  private async lookAt(followed: Followed): Promise<void> {
    if (followed.looking || this.closed || (followed.view && followed.chat !== null)) return;
    followed.looking = true;
    try {
      const { caller, store } = this.options;
      const rows = await store.workbookRecords.confirmed({ owner: caller.owner, chat: followed.chat });
      for (const next of rows.filter((row) => !followed.told.has(row.job_id))) {
        if (await this.isTold(followed, next)) break;
      }
    } catch {
      // It is looked again in a moment.
      followed.view?.close();
      followed.view = null;
    } finally {
      followed.looking = false;
    }
  }

  /** False for a job that is not there yet, or never came to be: it holds up none behind it. */
  private async isTold(followed: Followed, row: ChatJob): Promise<boolean> {
    try {
      await this.tell(followed, row);
      return true;
    } catch (error) {
      if (error instanceof Problem && error.code === 'job-not-found') return false;
      throw error;
    }
  }

  private async tell(followed: Followed, row: ChatJob): Promise<void> {
    const { caller, feeds } = this.options;
    const view = await feeds.view(row.job_id, { owner: caller.owner, after: 0 });
    followed.view?.close();
    followed.told.add(row.job_id);
    if (this.closed) {
      view.close();
      return;
    }
    followed.view = view;
    const isOver = () => {
      if (followed.view !== view) return;
      followed.view = null;
      void this.lookAt(followed);
    };
    view.start(this.sinkFor(row, isOver));
  }

  private sinkFor(row: ChatJob, done: () => void): EventSink {
    const frames = new WorkflowFrames(row);
    return {
      send: ({ json }) => {
        for (const frame of frames.of(JSON.parse(json) as JobEvent)) this.say(frame);
        if (this.socket.bufferedAmount < highWater) return null;
        return new Promise((resolve) => this.socket.ping(undefined, undefined, () => resolve()));
      },
      done,
      refuse: (problem) => {
        this.say({ type: 'error', message: problem.message, chat_id: row.chat, job_id: row.job_id });
        done();
      },
    };
  }

  private say(frame: Frame): void {
    const about = { chat_id: this.options.chat, job_id: null, timestamp: new Date().toISOString() };
    this.socket.send(JSON.stringify({ ...about, ...frame }), () => undefined);
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

  private clear(): void {
    this.closed = true;
    clearInterval(this.ping);
    clearInterval(this.look);
    clearTimeout(this.cutOff);
    for (const { view } of this.followed.values()) view?.close();
    this.followed.clear();
  }
}

function frameIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}
