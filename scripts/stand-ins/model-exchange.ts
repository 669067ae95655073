import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Dialect, Frame, TokenCounts } from './model-dialects.js';
import type { Asked } from './model-request.js';

/** What the server remembers of one call. */
export interface Call {
  /** Milliseconds since the epoch. */
  at: number;
  /** The answer's, as its stream tells it: unique. */
  id: string;
  /** What the client calls its request; null when it does not. */
  requestId: string | null;
  model: string;
  behaviour: string;
  /** The request as it came. */
  body: unknown;
  /** Without the values of those that carry keys. */
  headers: Record<string, string>;
  bytesSent: number;
  /** Whether any of the answer was sent. */
  streamed: boolean;
  /** What it told the client it used; null until it did. */
  told: TokenCounts | null;
  /** Whether the server said all it meant to. */
  finished: boolean;
  /** When it did, in milliseconds since the epoch and fractions of them; null until then. */
  finishedAt: number | null;
  /** When the connection or the answer ended; null while it is open. */
  closedAt: number | null;
  /** Whether it was the client who went away first. */
  abandoned: boolean;
}

export interface ExchangeOptions {
  asked: Asked;
  call: Call;
  dialect: Dialect;
}

/** Less than whoever asks a model takes for silence. */
const beatMs = 10_000;

/** One call being answered. */
export class Exchange {
  readonly asked: Asked;
  readonly #call: Call;
  readonly #dialect: Dialect;
  readonly #response: ServerResponse;
  readonly #gone = new AbortController();
  #completionBytes = 0;
  #cached = 0;
  #reasoning = 0;
  #cutByServer = false;

  constructor(response: ServerResponse, { asked, call, dialect }: ExchangeOptions) {
    this.asked = asked;
    this.#call = call;
    this.#dialect = dialect;
    this.#response = response;
    response.once('close', () => {
      call.closedAt = Date.now();
      call.abandoned = !response.writableFinished && !this.#cutByServer;
      this.#gone.abort();
    });
  }

  /** Aborts when the connection is over, whoever ended it. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  async untilGone(): Promise<void> {
    if (!this.gone.aborted) await once(this.gone, 'abort');
  }

  /** Waits for what may never come, with signs of life. @throws when the connection is over first */
  async waitFor(event: Promise<unknown> = this.untilGone()): Promise<void> {
    const beat = setInterval(() => this.#write(': still here\n\n'), beatMs);
    try {
      await Promise.race([event, this.untilGone()]);
      this.gone.throwIfAborted();
    } finally {
      clearInterval(beat);
    }
  }

  say(text: string): void {
    this.#call.streamed = true;
    this.#completionBytes += Buffer.byteLength(text);
    this.#stream(this.#dialect.say(text));
  }

  finish(reason: string, { withUsage = true } = {}): void {
    const tokens = withUsage ? this.#tokens() : null;
    this.#call.told = tokens;
    this.#stream(this.#dialect.finish(reason, tokens));
    this.end();
  }

  /** Tokens of the input come from a cache, and some of the output is thought and not said. */
  countAs({ cached, reasoning }: Pick<TokenCounts, 'cached' | 'reasoning'>): void {
    this.#cached = cached;
    this.#reasoning = reasoning;
  }

  breakOff(error: Record<string, unknown>): void {
    this.#stream(this.#dialect.error(error).frames);
    this.end();
  }

  refuse(status: number, error: Record<string, unknown>, headers: Record<string, string> = {}): void {
    const body = JSON.stringify(this.#dialect.error(error).body);
    this.#whole(status, body, { 'content-type': 'application/json', ...headers });
  }

  html(status: number, page: string): void {
    this.#whole(status, page, { 'content-type': 'text/html' });
  }

  raw(data: string): void {
    this.#stream([{ data }]);
  }

  end(): void {
    this.#call.finished = true;
    this.#call.finishedAt = performance.timeOrigin + performance.now();
    this.#response.end();
  }

  cut(): void {
    this.#cutByServer = true;
    this.#response.socket?.destroy();
  }

  /** Resolves when the operating system has taken all that was said, or nobody listens any more. */
  async flushed(): Promise<void> {
    if (this.#response.writableNeedDrain) {
      await Promise.race([once(this.#response, 'drain'), this.untilGone()]);
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #stream(frames: Frame[]): void {
    if (!this.#response.headersSent) {
      this.#response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      this.#stream(this.#dialect.begin(this.#tokens()));
    }
    for (const { event, data } of frames) this.#write(`${event ? `event: ${event}\n` : ''}data: ${data}\n\n`);
  }

  #whole(status: number, text: string, headers: Record<string, string>): void {
    this.#response.writeHead(status, headers);
    this.#write(text);
    this.end();
  }

  #write(text: string): void {
    this.#call.bytesSent += Buffer.byteLength(text);
    this.#response.write(text);
  }

  #tokens(): TokenCounts {
    const input = Math.ceil(Buffer.byteLength(this.asked.prompt) / 4);
    return {
      input,
      cached: Math.min(this.#cached, input),
      output: Math.ceil(this.#completionBytes / 4) + this.#reasoning,
      reasoning: this.#reasoning,
    };
  }
}
