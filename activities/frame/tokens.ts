/** Four bytes of UTF-8 a token: right within a third for English, and for CJK within a half. */
export const estimatedTokens = (bytes: number): number => Math.ceil(bytes / 4);

/** The reverse: no more bytes than these are so many tokens. */
export const bytesIn = (tokens: number): number => tokens * 4;

/** What a model is told. */
export interface Told {
  system?: string | undefined;
  /** One text, or the turns of a conversation. */
  prompt: string | readonly { content: string }[];
}

/** In UTF-8. */
export function askedBytes({ system = '', prompt }: Told): number {
  const said = typeof prompt === 'string' ? [prompt] : prompt.map(({ content }) => content);
  return [system, ...said].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** By our estimate. */
export const askedTokens = (told: Told): number => estimatedTokens(askedBytes(told));

/** What a call used, as the provider says it. */
export interface Tokens {
  /** Those that were cached and those written to the cache included. */
  inputTokens: number;
  /** Read from the provider's cache; null when it does not say. */
  cachedInputTokens: number | null;
  cacheWriteTokens: number | null;
  /** Reasoning included. */
  outputTokens: number;
  reasoningTokens: number | null;
}

/** What a call used, as far as it costs something. */
export interface Used extends Tokens {
  /** Of a call of a transcriber. */
  audioSeconds?: number | undefined;
}

/** US dollars; null when no price is known. */
export type PriceOf = (model: string, used: Used) => number | null;
