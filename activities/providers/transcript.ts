import type { LanguageModelUsage } from 'ai';
import type { Spent } from '../../job-types/contract/outcome.js';
import { askedTokens, estimatedTokens } from '../frame/tokens.js';
import type { Question } from './model.js';

export function toUsage({ inputTokens, outputTokens }: LanguageModelUsage): Spent | null {
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd: null };
}

/** What the model has said so far. */
export class Transcript {
  #text = '';
  #bytes = 0;
  readonly #inputTokens: number;

  constructor(
    private readonly question: Pick<Question<unknown>, 'system' | 'prompt' | 'onText' | 'onPartial'>,
  ) {
    this.#inputTokens = askedTokens(question);
    this.#report();
  }

  get length(): number {
    return this.#text.length;
  }

  add(delta: string): void {
    this.#text += delta;
    this.#bytes += Buffer.byteLength(delta);
    this.question.onText?.(delta);
    this.#report();
  }

  toString(): string {
    return this.#text;
  }

  /** What it has used so far, by our estimate. */
  spent(): Spent {
    return {
      inputTokens: this.#inputTokens,
      outputTokens: estimatedTokens(this.#bytes),
      costUsd: null,
      estimated: true,
    };
  }

  #report(): void {
    this.question.onPartial?.({ text: this.#text, usage: this.spent() });
  }
}
