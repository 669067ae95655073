import { defineQuery } from '@temporalio/workflow';
import type { JobSnapshot } from '../job-types/outcome.js';

/** The one argument of every workflow of a job. Everything in it stands in the history: no secrets. */
export interface JobArgs<Input> {
  input: Input;
  owner: string;
}

export const statusQuery = defineQuery<JobSnapshot>('status');
