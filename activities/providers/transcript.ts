import type { LanguageModelUsage } from 'ai';
import type { Usage } from '../../job-types/contract/job.js';
import type { Question } from './model.js';

export function toUsage({ inputTokens, outputTokens }: LanguageModelUsage): Usage | null {
  if (inputTokens === undefined && outputTokens === undefined) return null;
  return { inputTokens: inputTokens ?? 0, outputTokens: outputTokens ?? 0, costUsd: null };
}

/** Four bytes of UTF-8 a token: right within a third for English, and for CJK within a half. */
const estimatedTokens = (bytes: number): number => Math.ceil(bytes / 4);

/** What the model has said so far. */
export class Transcript {
  #text = '';
  #bytes = 0;
  readonly #inputTokens: number;

  constructor(
    private readonly question: Pick<Question<unknown>, 'system' | 'prompt' | 'onText' | 'onPartial'>,
  ) {
    const { system = '', prompt } = question;
    const asked = typeof prompt === 'string' ? [prompt] : prompt.map(({ content }) => content);
    const bytes = [system, ...asked].map((text) => Buffer.byteLength(text));
    this.#inputTokens = estimatedTokens(bytes.reduce((sum, size) => sum + size, 0));
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

  #report(): void {
    const usage = {
      inputTokens: this.#inputTokens,
      outputTokens: estimatedTokens(this.#bytes),
      costUsd: null,
      estimated: true,
    };
    this.question.onPartial?.({ text: this.#text, usage });
  }
}
