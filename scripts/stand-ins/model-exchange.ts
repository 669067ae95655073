import { once } from 'node:events';
import type { ServerResponse } from 'node:http';

/** What the server remembers of one call. */
export interface Call {
  /** Milliseconds since the epoch. */
  at: number;
  model: string;
  behaviour: string;
  /** The request as it came. */
  body: unknown;
  /** Without the values of those that carry keys. */
  headers: Record<string, string>;
  bytesSent: number;
  /** Whether the server said all it meant to. */
  finished: boolean;
  /** When the connection or the answer ended; null while it is open. */
  closedAt: number | null;
  /** Whether it was the client who went away first. */
  abandoned: boolean;
}

/** One answer in the streaming format of OpenAI's chat completions. */
export class Exchange {
  readonly #gone = new AbortController();
  readonly #id = 'chatcmpl-stand-in';
  #completionBytes = 0;
  #cutByServer = false;

  constructor(
    readonly prompt: string,
    readonly call: Call,
    readonly response: ServerResponse,
  ) {
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

  say(content: string): void {
    this.#completionBytes += Buffer.byteLength(content);
    this.event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });
  }

  finish(reason: string, { withUsage = true } = {}): void {
    this.event({ choices: [{ index: 0, delta: {}, finish_reason: reason }] });
    if (withUsage) this.event({ choices: [], usage: this.#usage() });
    this.rawEvent('[DONE]');
    this.end();
  }

  event(payload: Record<string, unknown>): void {
    const chunk = { id: this.#id, object: 'chat.completion.chunk', created: 0, model: this.call.model };
    this.rawEvent(JSON.stringify({ ...chunk, ...payload }));
  }

  rawEvent(data: string): void {
    if (!this.response.headersSent) {
      this.response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    }
    this.#write(`data: ${data}\n\n`);
  }

  json(status: number, payload: unknown, headers: Record<string, string> = {}): void {
    this.#whole(status, JSON.stringify(payload), { 'content-type': 'application/json', ...headers });
  }

  html(status: number, page: string): void {
    this.#whole(status, page, { 'content-type': 'text/html' });
  }

  end(): void {
    this.call.finished = true;
    this.response.end();
  }

  cut(): void {
    this.#cutByServer = true;
    this.response.socket?.destroy();
  }

  /** Resolves when the operating system has taken all that was said, or nobody listens any more. */
  async flushed(): Promise<void> {
    if (this.response.writableNeedDrain) {
      await Promise.race([once(this.response, 'drain'), this.untilGone()]);
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #whole(status: number, text: string, headers: Record<string, string>): void {
    this.response.writeHead(status, headers);
    this.#write(text);
    this.end();
  }

  #write(text: string): void {
    this.call.bytesSent += Buffer.byteLength(text);
    this.response.write(text);
  }

  #usage() {
    const prompt_tokens = Math.ceil(Buffer.byteLength(this.prompt) / 4);
    const completion_tokens = Math.ceil(this.#completionBytes / 4);
    return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens };
  }
}
