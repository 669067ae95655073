import { type RunWorkbookPlanResult, runWorkbookPlan } from '../../../job-types/run-workbook-plan.js';
import type { Show } from '../show.js';

/** A plan over a table; no model is asked. */
export const workbook: Show = {
  type: 'runWorkbookPlan',
  recordingFile: 'job-types/run-workbook-plan.ts',
  isRecorded: () => false,
  recording: () => {
    throw new Error(
      'A plan that is given asks no model, so there is nothing to crash or cancel in the middle of.',
    );
  },
  input: () => runWorkbookPlan.example,
  said: () => [],
  lines: 'steps',
  asks: 'run',
  report(job, { say }) {
    const { steps } = job.result as RunWorkbookPlanResult;
    say('');
    for (const { step, operation, name, rows, file } of steps) {
      say(`${step}. ${operation}: ${rows} rows in ${name}. GET /v1/files/${file} has it.`);
    }
  },
  savedOnce: ({ result }) => {
    const { steps } = result as RunWorkbookPlanResult;
    return new Set(steps.map(({ step }) => step)).size === steps.length;
  },
  saved: 'each step made its file',
};
