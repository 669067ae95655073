import type { Job } from '../../../job-types/contract/job.js';
import type { Plan } from '../../../job-types/fields/workbook/plan.js';
import { operations } from '../../../job-types/fields/workbook/operations.js';
import type { Suggestion } from './views.js';

/** What a job of a plan asks a person about. */
export interface Proposal {
  plan: Plan;
  /** The file it was made for, and that file's columns. */
  file: string;
  columns: string[];
  intent: { type: string; confidence: number };
  notes: string[];
}

/** Null while the job does not wait for a decision, or no worker is there to tell on what. */
export function proposalOf({ waitingFor }: Job): Proposal | null {
  const wait = waitingFor.find(({ name }) => name === 'confirm');
  return (wait?.data ?? null) as Proposal | null;
}

/** Whether it was told yes, and is at it or has done it. */
export const isConfirmed = ({
  done,
  status,
  steps,
  answers,
}: Pick<Job, 'done' | 'status' | 'steps' | 'answers'>): boolean => {
  if (!answers.some(({ name }) => name === 'confirm')) return false;
  const isRun = steps.some((step) => step.name === 'run' && step.status !== 'pending');
  // Until its end one that was told no differs from the others only in that it neither queues nor runs.
  return status === 'queued' || isRun || (done && status !== 'succeeded');
};

/** The plan as the clients of that system are shown it. */
export const suggestionsOf = (plan: Plan): Suggestion[] =>
  plan.map(({ operation, arguments: given, description }) => ({
    operation,
    arguments: JSON.parse(JSON.stringify(given)) as Suggestion['arguments'],
    description: description ?? operations[operation].description,
  }));

export const inWords = (plan: Plan): string =>
  plan
    .map(({ operation, description }, index) => {
      return `${index + 1}. ${operation}: ${description ?? operations[operation].description}`;
    })
    .join('\n');
