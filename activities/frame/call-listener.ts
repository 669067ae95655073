import type { Tokens } from './tokens.js';

/** An answer as it came: read by nobody yet, so that it may be of no use. JSON. */
export interface WholeAnswer {
  text: string;
  /** Null when the provider has not said how it ended. */
  finish: {
    reason: string;
    /** The provider's own word for it. */
    rawReason?: string | undefined;
    usage: { inputTokens?: number | undefined; outputTokens?: number | undefined };
  } | null;
  /** The model has thought aloud, which is not in the text. */
  thought: boolean;
  /** What else is known of its end, for whoever reads it. */
  told: unknown;
}

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
  /** The last byte has come. Resolves when the answer is safe, or cannot be made so; nothing is done with it before. */
  ended(answer: WholeAnswer): Promise<void>;
}

/** What is known of a call besides its answer, for whoever has to settle it. */
export type Hearing = Pick<Heard, 'providerId' | 'model' | 'firstTokenMs' | 'bytes' | 'tokens'>;

/** What was heard of one call. */
export class Heard implements CallListener {
  wasSent = false;
  providerId: string | null = null;
  model: string | null = null;
  firstTokenMs: number | null = null;
  bytes = 0;
  tokens: Tokens | null = null;
  private sentAt = 0;

  constructor(
    readonly requestId: string,
    private readonly keep: (answer: WholeAnswer) => Promise<void>,
  ) {}

  /** Of a call that another worker has made. */
  recall(hearing: Hearing): void {
    Object.assign(this, hearing);
    this.wasSent = true;
  }

  get hearing(): Hearing {
    const { providerId, model, firstTokenMs, bytes, tokens } = this;
    return { providerId, model, firstTokenMs, bytes, tokens };
  }

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

  ended(answer: WholeAnswer): Promise<void> {
    return this.keep(answer);
  }
}
