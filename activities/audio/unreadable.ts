import { StepFailure } from '../frame/step-failure.js';

/** The readers of audio say in many words that a file is none; a person needs one sentence. */
export const unreadable = (name: string, cause: unknown): StepFailure =>
  new StepFailure('audio-unreadable', `"${name}" is damaged, or is no audio.`, { cause });
