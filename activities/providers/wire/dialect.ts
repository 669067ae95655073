import type { FinishWord } from './finish-words.js';
import type { Frame } from './frames.js';
import type { ToldFault } from './told-fault.js';

/** What was heard of one answer besides its text. */
export interface Hearing {
  /** What the provider says is wrong. */
  fault: ToldFault | null;
  /** How the answer ended, as the provider marked it; null: not at all, or in a word nobody knows. */
  finish: FinishWord | null;
  /** The provider's own word for it. */
  finishSaid: string | null;
  /** The provider has said that its stream is over. */
  done: boolean;
  /** What it cost was told behind the last of the text. */
  costTold: boolean;
  /** Parts that are in no form known here, and were left out. */
  unread: number;
  /** The stream's own name of the model. */
  answeredBy: string | null;
  /** Some of the answer has come. */
  said: boolean;
  /** Some of the reasoning has come. */
  reasoned: boolean;
  /** A page, or words, in place of an answer. */
  page: boolean;
}

export const nothingHeard = (): Hearing => ({
  fault: null,
  finish: null,
  finishSaid: null,
  done: false,
  costTold: false,
  unread: 0,
  answeredBy: null,
  said: false,
  reasoned: false,
  page: false,
});

/** How the stream of a protocol is read, and written again in the form that the SDK expects. */
export interface Dialect {
  read(frame: Frame): void;
  /** Behind the last that the provider will say. */
  close(): void;
  /** What is to be handed on of all that was read since it was last taken. */
  take(): string;
}

export type Listen = (hearing: Hearing) => Dialect;

/** JSON, or null for what is none: `null` itself says nothing either. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
