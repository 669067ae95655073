import type { Tokens } from './tokens.js';

/** Whom a provider tells how a call goes, while it goes on. */
export interface CallListener {
  /** Sent along, so that the call can be found in the provider's own log. */
  readonly requestId: string;
  sent(): void;
  /** The provider's own id of its answer. */
  named(providerId: string): void;
  /** The stream's own name of the model that answers. */
  answeredBy(model: string): void;
  /** More of the answer, or of the reasoning that nobody is shown. */
  received(text: string): void;
  /** What the provider says it used. */
  used(tokens: Tokens): void;
}

/** What was heard of one call. */
export class Heard implements CallListener {
  wasSent = false;
  providerId: string | null = null;
  model: string | null = null;
  firstTokenMs: number | null = null;
  bytes = 0;
  tokens: Tokens | null = null;
  private sentAt = 0;

  constructor(readonly requestId: string) {}

  get began(): boolean {
    return this.firstTokenMs !== null;
  }

  sent(): void {
    this.wasSent = true;
    this.sentAt = performance.now();
  }

  named(providerId: string): void {
    this.providerId = providerId;
  }

  answeredBy(model: string): void {
    this.model = model;
  }

  received(text: string): void {
    this.firstTokenMs ??= Math.round(performance.now() - this.sentAt);
    this.bytes += Buffer.byteLength(text);
  }

  used(tokens: Tokens): void {
    this.tokens = tokens;
  }
}
