import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { Budget, PresentBudget } from '../../job-types/contract/budget.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';

/** The one argument of every workflow of a job. Everything in it stands in the history: no secrets. */
export interface JobArgs<Input> {
  input: Input;
  owner: string;
  /** Seconds from the first workflow task on; clean-up runs after it. */
  timeout?: number;
  /** What its calls of models may use. */
  budget?: Budget;
  /** The job does nothing before it holds this key. */
  concurrencyKey?: string;
  /** Of a run that continues another. */
  continued?: Continued;
}

/** What a run hands to the one that continues it, so that nobody outside notices. */
export interface Continued {
  /** The first of the runs that continued each other: what the job's events, receipts and cancels go by. */
  runId: string;
  snapshot: JobSnapshot;
  /** The workflow's own, as it gave it to `checkpoint`. */
  state: unknown;
  /** When the job's time is up, in ms since 1970; null without a time-out. */
  deadline: number | null;
  /** How often each wait was asked for. */
  timesAsked: Record<string, number>;
  /** As it stands, with what a person has allowed since; left out where nothing limits the job. */
  budget?: PresentBudget;
}

/** A person's answer to a job that waits. */
export interface JobAnswer {
  /** Of the wait. An API process of a version that knew one wait at a time leaves it out. */
  id?: string;
  name: string;
  value: unknown;
  /** Public id of the API key that answered; null without keys, absent from an API process of an older version. */
  by?: string | null;
}

export const answerUpdate = defineUpdate<void, [JobAnswer]>('answer');
export const turnSignal = defineSignal('turn');
export const statusQuery = defineQuery<JobSnapshot>('status');
