import type { FastifyReply } from 'fastify';
import type { UIMessageChunk } from 'ai';
import type { Problem } from '../problems/problems.js';
import { ReplyStream, type ReplyStreamOptions } from './reply-stream.js';
import type { ReplyEnding } from './reply-ending.js';

/** Of the only part of the message. */
const part = 'text';

const finishReasons = { complete: 'stop', cut: 'length', stopped: 'interrupted' } as const;

interface UiReply {
  /** Of the reply, in its conversation. */
  messageId: string;
  conversation: string;
  jobId: string;
  /** The client has what stands before, and its state: it goes on where it was. */
  resumed: boolean;
}

/** A reply as a UI message stream of the AI SDK. Each frame has an id, by which a client that kept its state goes on. */
export class UiMessageStream extends ReplyStream {
  private readonly of: UiReply;

  constructor(reply: FastifyReply, { ending, ...of }: UiReply & Pick<ReplyStreamOptions, 'ending'>) {
    super(reply, { headers: { 'cache-control': 'no-cache', 'x-vercel-ai-ui-message-stream': 'v1' }, ending });
    this.of = of;
  }

  protected override open(): void {
    const { messageId, conversation, jobId, resumed } = this.of;
    if (resumed) {
      super.open();
      return;
    }
    void this.write(
      frames(
        { type: 'start', messageId, messageMetadata: { conversation, job: jobId } },
        { type: 'start-step' },
        { type: 'text-start', id: part },
      ),
    );
  }

  protected say(text: string, seq: number): Promise<void> | null {
    return this.write(this.numbered(seq, { type: 'text-delta', id: part, delta: text }));
  }

  protected restart(seq: number): Promise<void> | null {
    const again = this.numbered(seq, { type: 'text-start', id: part });
    return this.write(frames({ type: 'reset-step' }) + again);
  }

  protected close(ending: ReplyEnding): void {
    if (ending.how === 'failed') {
      this.end(`${frames({ type: 'error', errorText: ending.why })}${last}`);
      return;
    }
    const finishReason = finishReasons[ending.how];
    this.end(
      frames(
        { type: 'text-end', id: part },
        { type: 'finish-step' },
        { type: 'finish', finishReason, messageMetadata: { status: ending.how } },
      ) + last,
    );
  }

  refuse(problem: Problem): void {
    this.end(frames({ type: 'error', errorText: problem.toFailure().detail }));
  }

  /** A stream that just ends is a reply that is over, to this client: only one that breaks is taken up again. */
  leave(): void {
    this.raw.destroy();
  }

  private numbered(seq: number, chunk: UIMessageChunk): string {
    return `id: ${this.of.jobId}/${seq}\n${frames(chunk)}`;
  }
}

const last = 'data: [DONE]\n\n';

const frames = (...chunks: UIMessageChunk[]): string =>
  chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('');
