import type { FastifyReply } from 'fastify';
import { ReplyStream, type ReplyStreamOptions } from '../../conversations/reply-stream.js';
import type { ReplyEnding } from '../../conversations/reply-ending.js';
import type { Problem } from '../../problems/problems.js';

export const streamHeaders = { 'cache-control': 'no-cache', 'x-accel-buffering': 'no' } as const;

/** Written as Python does, with a space behind the colon. */
const frame = (field: 'token' | 'error', text: string): string =>
  `data: {"${field}": ${JSON.stringify(text)}}\n\n`;

export const errorFrame = (sentence: string): string => frame('error', sentence);

const begunAgain =
  'The answer was begun again, in other words, and is not shown here. It is kept: read the conversation again.';

const whyNot = {
  cut: 'The answer was cut off at the length limit of the model. What there is of it is kept.',
  stopped: 'The answer was stopped. What there is of it is kept.',
} as const;

/**
 * A reply as a stream of tokens. No words are sent twice: when the model begins again, what was sent is passed over for
 * as long as it says the same.
 */
export class TokenStream extends ReplyStream {
  private sent = '';
  /** What is said again, until it goes beyond what was sent. */
  private again: string | null = null;
  private ended = false;

  constructor(reply: FastifyReply, { ending }: Pick<ReplyStreamOptions, 'ending'>) {
    super(reply, { headers: streamHeaders, ending });
  }

  protected say(text: string): Promise<void> | null {
    if (this.ended) return null;
    if (this.again === null) return this.sendToken(text);
    this.again += text;
    const { again, sent } = this;
    if (again.length <= sent.length) {
      if (!sent.startsWith(again)) this.finish(errorFrame(begunAgain));
      return null;
    }
    if (!again.startsWith(sent)) {
      this.finish(errorFrame(begunAgain));
      return null;
    }
    this.again = null;
    return this.sendToken(again.slice(sent.length));
  }

  protected restart(): null {
    if (this.sent !== '') this.again = '';
    return null;
  }

  protected close(ending: ReplyEnding): void {
    if (ending.how === 'failed') this.finish(errorFrame(ending.why));
    else if (ending.how !== 'complete') this.finish(errorFrame(whyNot[ending.how]));
    else if (this.again !== null && this.again !== this.sent) this.finish(errorFrame(begunAgain));
    else this.finish('data: [DONE]\n\n');
  }

  refuse(problem: Problem): void {
    this.finish(errorFrame(problem.toFailure().detail));
  }

  leave(): void {
    this.finish(
      errorFrame('The server restarts. The answer goes on and is kept: read the conversation again.'),
    );
  }

  private sendToken(text: string): Promise<void> | null {
    this.sent += text;
    return this.write(frame('token', text));
  }

  private finish(words: string): void {
    if (this.ended) return;
    this.ended = true;
    this.end(words);
  }
}
