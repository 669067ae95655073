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

/** Whole characters, and that half. */
function whole(text: string): [whole: string, half: string] {
  const half = halfAtEnd.exec(text)?.[0] ?? '';
  return [text.slice(0, text.length - half.length), half];
}

/** What the model has said so far, without what it only thought. Whoever is told gets whole characters. */
export class Transcript {
  #text = '';
  #bytes = 0;
  #half = '';
  #halfThought = '';
  readonly #spoken: SpokenText;
  readonly #inputTokens: number;

  constructor(
    private readonly question: Pick<
      Question<unknown>,
      'system' | 'prompt' | 'onText' | 'onReasoning' | 'onRestart' | 'onPartial'
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
    const [text, half] = whole(this.#half + delta);
    this.#half = half;
    this.#say(this.#spoken.add(text));
  }

  /** What the provider itself tells from the answer. */
  think(delta: string): void {
    const [text, half] = whole(this.#halfThought + delta);
    this.#halfThought = half;
    if (text !== '') this.question.onReasoning?.(text);
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

  #say({ text, thought, restart }: Spoken): void {
    if (restart) {
      this.think(this.#text);
      this.#text = '';
      this.question.onRestart?.();
    }
    this.think(thought);
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
