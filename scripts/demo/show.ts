import type { Job } from '../../job-types/contract/job.js';
import type { DemoOptions } from './options.js';
import type { Recording } from './recording.js';

/** How one type of job is demonstrated. */
export interface Show {
  type: string;
  /** The recorded answer, in the repository. */
  recordingFile: string;
  /** Whether the recorded answer is one to this question. */
  isRecorded(options: DemoOptions): boolean;
  recording(options: DemoOptions): Recording;
  /** What the model answers before and after that, of a job that asks it more than once. */
  around?(): { before: Recording[]; after: Recording[] };
  /** What has to be there before, by its own type of job. */
  first?: Show;
  /** What is submitted. @param api the stack's own address */
  input(options: DemoOptions, api: string): unknown;
  /** What of an answer that is still being written can be shown, a line each. */
  said(text: string): string[];
  /** What such a line is, of several: "whole words". */
  lines: string;
  /** The step that asks the model. */
  asks: string;
  /** What came of a job that succeeded, in lines for a person. */
  report(job: Job, options: { width: number; say(line: string): void }): void;
  /** Whether what was saved was saved once, and the sentence goes on: "the words were saved". */
  savedOnce(job: Job): boolean;
  saved: string;
}
