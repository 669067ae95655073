import { StepFailure } from '../frame/step-failure.js';
import { estimatedTokens } from '../frame/tokens.js';
import { NotInForm } from './answer-form.js';
import { JsonItems } from './json-items.js';
import { endsInLoop } from './loop.js';
import type { Question } from './model.js';

/** How long a model may take to say that it is done, and what that cost, once its answer is complete. */
const graceMs = 2_000;

/** How many new characters are looked through at once for a loop. */
const lookEvery = 500;

/** Characters at the end of a train of thought that have to be one piece over and over for it to be ended. */
const longestThoughtLoop = 8_000;

/** Objects of a text that are tried as its answer: models think aloud in JSON too. */
const mostTries = 8;

/** An answer that is used although the model did not end it by itself. */
export interface Kept<T> {
  value: T;
  finishReason: 'stop' | 'length';
  notes: string[];
}

type Reason = 'complete' | 'loop' | 'too-long' | 'budget';

/**
 * Ends a call that has said what was asked for, says the same over and over, or does not stop at all. What stands
 * complete in an answer that was cut is worth keeping when it is a good part of what was asked for.
 */
export class EarlyEnd<T> {
  readonly #enough = new AbortController();
  readonly #json = new JsonItems();
  #reason: Reason | null = null;
  #text = '';
  #lookedAt = 0;
  #thought = '';
  #thoughtLookedAt = 0;
  #tries = 0;
  #bytes = 0;
  #found: { value: T } | null = null;
  #grace: NodeJS.Timeout | null = null;

  constructor(private readonly question: Question<T>) {}

  /** Aborts when the model says nothing more after its answer is complete. */
  get signal(): AbortSignal {
    return this.#enough.signal;
  }

  /** Whether the end of the call is our doing. */
  get ended(): boolean {
    return this.#reason !== null;
  }

  /** @returns whether the call is to end now */
  heard(delta: string): boolean {
    const { form, longestAnswer } = this.question;
    this.#text += delta;
    if (form.schema !== null) this.#follow(delta);
    this.#pay(delta);
    if (this.#text.length > longestAnswer) this.#end('too-long');
    else if (this.#text.length - this.#lookedAt >= lookEvery) {
      this.#lookedAt = this.#text.length;
      if (endsInLoop(this.#text, this.question.longestLoop)) this.#end('loop');
    }
    return this.#reason !== null;
  }

  /** The same for what the model thinks and does not say. */
  heardThinking(delta: string): boolean {
    this.#thought += delta;
    this.#pay(delta);
    if (this.#thought.length - this.#thoughtLookedAt >= lookEvery) {
      this.#thoughtLookedAt = this.#thought.length;
      if (endsInLoop(this.#thought, longestThoughtLoop)) this.#end('loop');
    }
    return this.#reason !== null;
  }

  /**
   * What is kept of an answer that we ended, or that was cut at its length. Null when the answer ended otherwise.
   * @throws {StepFailure} when we ended it and nothing of it is of use
   */
  kept(wasCut: boolean): Kept<T> | null {
    if (this.#reason === null && !wasCut) return null;
    const kept = this.#whole() ?? this.#part() ?? this.#looping() ?? this.#cut();
    if (kept !== null || this.#reason === null) return kept;
    const { model: provider, longestAnswer } = this.question;
    if (this.#reason === 'budget') {
      throw new StepFailure('answer-too-long', `${provider} was cut off where the budget ends.`, {
        provider,
      });
    }
    const what =
      this.#reason === 'loop' ? 'repeated itself over and over' : `went on past ${longestAnswer} characters`;
    throw new StepFailure('malformed-answer', `${provider} ${what} and was cut off.`, { provider });
  }

  stop(): void {
    if (this.#grace) clearTimeout(this.#grace);
  }

  #end(reason: Reason): void {
    this.#reason ??= reason;
    this.#enough.abort();
  }

  /** A server that is not told where to end, or does not heed it, is left there. */
  #pay(delta: string): void {
    this.#bytes += Buffer.byteLength(delta);
    const { cutAfter = Infinity } = this.question;
    if (estimatedTokens(this.#bytes) >= cutAfter) this.#end('budget');
  }

  #isFull(): boolean {
    const { list } = this.question.form;
    return list !== undefined && this.#json.items >= list.asked;
  }

  #follow(delta: string): void {
    this.#json.add(delta);
    if (this.#isFull() && this.#json.inItem) this.#endIfComplete();
    else this.#giveGrace();
  }

  #giveGrace(): void {
    if (!this.#isFull() && !this.#json.closed) return;
    this.#grace ??= setTimeout(() => {
      this.#grace = null;
      this.#endIfComplete();
      if (this.#reason === null && this.#tries < mostTries) this.#giveGrace();
    }, graceMs);
  }

  #endIfComplete(): void {
    if (this.#complete() === null) return;
    // In the middle of another object it may be about to say it better.
    if (this.#json.closed || this.#isFull()) this.#end('complete');
  }

  /** What holds all that was asked for, if the text has that by now: the last of several. */
  #complete(): { value: T } | null {
    const json = this.#json;
    while (this.#tries < mostTries && (json.closed || this.#isFull())) {
      const { closed } = json;
      const read = this.#read(closed ? json.whole() : json.completeItems());
      this.#found = read ?? this.#found;
      if (read !== null && !(closed && json.goesOn)) break;
      this.#tries += 1;
      if (!closed) break;
      json.skip();
    }
    return this.#found;
  }

  /** Null for what is no answer. What is wrong with it is told when the whole is read. */
  #read(text: string): { value: T } | null {
    try {
      return { value: this.question.form.read(text) };
    } catch (error) {
      if (error instanceof NotInForm || error instanceof StepFailure) return null;
      throw error;
    }
  }

  #whole(): Kept<T> | null {
    const { model: provider, form } = this.question;
    const read = form.schema === null ? null : this.#complete();
    const note = `${provider} went on after its answer was complete, and was ended.`;
    return read && { ...read, finishReason: 'stop', notes: this.#reason === null ? [] : [note] };
  }

  #part(): Kept<T> | null {
    const { model: provider, form } = this.question;
    const { items } = this.#json;
    // Half of what was asked for is of more use than paying for all of it again.
    if (form.list === undefined || items === 0 || items < form.list.asked / 2) return null;
    const read = this.#read(this.#json.completeItems());
    const why = this.#reason === 'loop' ? 'when it repeated itself' : 'at its length limit';
    const { asked, name } = form.list;
    const note = `${provider} was cut off ${why}; the ${items} of ${asked} ${name} it had given were kept.`;
    return read && { ...read, finishReason: 'length', notes: [note] };
  }

  /** A text that repeats itself is still what the model had to say. */
  #looping(): Kept<T> | null {
    const { model: provider, form } = this.question;
    if (this.#reason !== 'loop' || form.schema !== null || this.#text.trim() === '') return null;
    const note = `${provider} repeated itself over and over, and was ended.`;
    return { value: form.read(this.#text), finishReason: 'length', notes: [note] };
  }

  #cut(): Kept<T> | null {
    const { form } = this.question;
    if (this.#reason !== 'budget' || form.schema !== null || this.#text.trim() === '') return null;
    return { value: form.read(this.#text), finishReason: 'length', notes: [] };
  }
}
