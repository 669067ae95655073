import { type RunWorkbookPlanResult, runWorkbookPlan } from '../../../job-types/run-workbook-plan.js';
import { recordedText } from '../recording.js';
import type { Show } from '../show.js';

const recordingFile = 'samples/run-workbook-plan.answer.json';

/** A plan over the table of the example, thought out by a model and run without being asked about. */
export const workbook: Show = {
  type: 'runWorkbookPlan',
  recordingFile,
  isRecorded: () => true,
  recording: () => recordedText(recordingFile),
  input: () => ({
    csv: runWorkbookPlan.example.csv,
    message: 'Our page wants to greet everybody who lives in Lyon. Please get it what it needs.',
    confirm: false,
  }),
  said: (json) => [...json.matchAll(/"why": "((?:[^"\\]|\\.)+)"/g)].map(([, why = '']) => why),
  lines: 'whole steps',
  asks: 'propose',
  report(job, { say }) {
    const { steps, provider } = job.result as RunWorkbookPlanResult;
    say(`\n${steps.length} steps, planned by ${provider}.`);
    for (const { step, operation, name, rows } of steps)
      say(`${step}. ${operation}: ${rows} rows in ${name}`);
    say(`GET /v1/files/${steps.at(-1)?.file} has the last one.`);
  },
  savedOnce: ({ result }) => {
    const { steps } = result as RunWorkbookPlanResult;
    return new Set(steps.map(({ step }) => step)).size === steps.length;
  },
  saved: 'each step made its file',
};
