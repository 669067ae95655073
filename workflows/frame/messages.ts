import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';

/** The one argument of every workflow of a job. Everything in it stands in the history: no secrets. */
export interface JobArgs<Input> {
  input: Input;
  owner: string;
  /** Seconds from the first workflow task on; clean-up runs after it. */
  timeout?: number;
  /** The job does nothing before it holds this key. */
  concurrencyKey?: string;
}

/** A person's answer to a job that waits. */
export interface JobAnswer {
  name: string;
  value: unknown;
}

export const answerUpdate = defineUpdate<void, [JobAnswer]>('answer');
export const turnSignal = defineSignal('turn');
export const statusQuery = defineQuery<JobSnapshot>('status');
