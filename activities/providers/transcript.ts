import type { LanguageModelUsage } from 'ai';
import type { Spent } from '../../job-types/contract/outcome.js';
import { askedTokens, estimatedTokens } from '../frame/tokens.js';
import type { Question } from './model.js';
import { type Spoken, SpokenText } from './reasoning.js';

export function toUsage({ inputTokens, outputTokens }: LanguageModelUsage): Spent | null {
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd: null };
}

/** The first half of a character whose second half is still to come. */
const halfAtEnd = /[\uD800-\uDBFF]$/;

/** What the model has said so far, without what it only thought. Whoever is told gets whole characters. */
export class Transcript {
  #text = '';
  #bytes = 0;
  #half = '';
  readonly #spoken: SpokenText;
  readonly #inputTokens: number;

  constructor(
    private readonly question: Pick<
      Question<unknown>,
      'system' | 'prompt' | 'onText' | 'onRestart' | 'onPartial'
    >,
    { unopened }: { unopened: boolean },
  ) {
    this.#spoken = new SpokenText(unopened);
    this.#inputTokens = askedTokens(question);
    this.#report();
  }

  get length(): number {
    return this.#text.length;
  }

  /** Whether anything was thought aloud, or is still. */
  get thought(): boolean {
    return this.#spoken.thought;
  }

  /** Whether the reasoning had an end and no beginning. */
  get loneEnd(): boolean {
    return this.#spoken.loneEnd;
  }

  add(delta: string): void {
    this.#bytes += Buffer.byteLength(delta);
    const text = this.#half + delta;
    this.#half = halfAtEnd.exec(text)?.[0] ?? '';
    this.#say(this.#spoken.add(text.slice(0, text.length - this.#half.length)));
  }

  /** Nothing follows. */
  end(): void {
    this.#say(this.#spoken.end());
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

  #say({ text, restart }: Spoken): void {
    if (restart) {
      this.#text = '';
      this.question.onRestart?.();
    }
    if (text !== '') {
      this.#text += text;
      this.question.onText?.(text);
    }
    this.#report();
  }

  #report(): void {
    this.question.onPartial?.({ text: this.#text, usage: this.spent() });
  }
}
