import type { FastifyReply } from 'fastify';
import type { JobEvent } from '../../job-types/contract/event.js';
import type { FeedEntry } from '../events/event-feed.js';
import { HeldStream } from '../events/held-stream.js';
import { type ReplyEnding, endTold } from './reply-ending.js';

export interface ReplyStreamOptions {
  headers: Readonly<Record<string, string>>;
  /** Finds out how the reply ended, when its job has told that it has. */
  ending: (told: NonNullable<ReturnType<typeof endTold>>) => Promise<ReplyEnding>;
}

/** What happens in the log of the job of a reply, as somebody sees it who waits for the words. */
export abstract class ReplyStream extends HeldStream {
  private readonly ending: ReplyStreamOptions['ending'];
  private over = false;

  constructor(reply: FastifyReply, { headers, ending }: ReplyStreamOptions) {
    super(reply, headers);
    this.ending = ending;
  }

  /** Words that the model has just said. */
  protected abstract say(text: string, seq: number): Promise<void> | null;
  /** What it has said so far does not count; it begins again. */
  protected abstract restart(seq: number): Promise<void> | null;
  /** Nothing follows: what to write last. */
  protected abstract close(ending: ReplyEnding): void;

  send({ seq, type, json }: FeedEntry): Promise<void> | null {
    if (this.over) return null;
    if (type === 'output.reset') return this.restart(seq);
    if (!isOfInterest(type)) return null;
    const event = JSON.parse(json) as JobEvent;
    if (type === 'output.delta') return this.say(event.data['text'] as string, seq);
    const told = endTold(event);
    if (!told) return null;
    this.over = true;
    return this.ending(told).then((ending) => this.close(ending));
  }

  done(): void {
    if (!this.over) this.end();
  }
}

const isOfInterest = (type: string): boolean =>
  type === 'output.delta' || type === 'end' || type.startsWith('job.');
