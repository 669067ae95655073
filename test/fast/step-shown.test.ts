import { expect, it } from '@jest/globals';
import type { StepState } from '../../job-types/contract/outcome.js';
import { finalStatuses } from '../../job-types/contract/job.js';
import { noFacts } from '../../src/reading/facts.js';
import { toJob } from '../../src/reading/job-view.js';
import { percentOf } from '../../src/reading/percent.js';
import type { PendingActivity } from '../../src/reading/pending-activity.js';
import type { Run } from '../../src/reading/run.js';
import { toStepLog } from '../../src/reading/step-log.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const at = '2026-11-23T12:00:00Z';

const run: Run = {
  jobId: 'job_1',
  runId: 'run-1',
  type: 'extractArticle',
  execution: 'RUNNING',
  createdAt: at,
  dueAt: at,
  finishedAt: null,
  historyLength: 5,
  begun: true,
  cancelRequested: false,
  workflowTask: null,
  pausedSince: null,
  activities: [],
  mark: null,
  waitingFor: [],
  memo: { owner: 'ann', tags: [], metadata: {} },
};

const done = (name: string): StepState => ({
  name,
  status: 'succeeded',
  startedAt: at,
  finishedAt: at,
  failure: null,
  notes: [],
  counts: null,
});

const shown = (described: Partial<Run>, ...steps: string[]) => {
  const state = { startedAt: at, usage: null, output: null, waitingFor: [], answers: [] };
  const facts = { ...noFacts, snapshot: { ...state, steps: steps.map(done) } };
  return toJob({ ...run, ...described }, { facts, temporalUi: null });
};

it('between two steps a job is in the next one, and until it closes in the last one', () => {
  expect(shown({}).progress.step).toBeNull();
  expect(shown({}, 'fetch').progress).toMatchObject({ step: 'extract', percent: 33 });
  expect(shown({}, 'fetch', 'extract').progress).toMatchObject({ step: 'save', stepIndex: 2, percent: 66 });
  expect(shown({}, 'fetch', 'extract', 'save').progress).toMatchObject({ step: 'save', percent: 99 });
  expect(shown({ mark: 'waiting' }, 'fetch', 'extract').progress.step).toBeNull();
});

it.each(finalStatuses)('a job that is %s is at 100 percent only when it succeeded', (status) => {
  const percent = percentOf(status, { steps: 3, succeeded: 3, within: null });
  expect(percent === 100).toBe(status === 'succeeded');
});

it('no step of an ended job reads as if it ran, whatever Temporal still lists', () => {
  const pending: PendingActivity = {
    ...{ step: 'save', activityType: 'saveWords', attempt: 2, maxAttempts: null, lastFailure: null },
    ...{ nextRetryAt: at, waitingSince: null, startedAt: at, heartbeat: null, pausedSince: null },
  };
  const ended: Partial<Run> = { execution: 'TERMINATED', finishedAt: at, activities: [pending] };
  const told = {
    seq: 1,
    type: 'step.started',
    time: at,
    step: 'save',
    attempt: 2,
    data: {},
    ofRun: true,
  } as const;
  const facts = { ...noFacts, log: toStepLog([told]) };
  const job = toJob({ ...run, ...ended }, { facts, temporalUi: null });
  expect(job.steps.find(({ name }) => name === 'save')).toMatchObject({
    status: 'cancelled',
    nextRetryAt: null,
  });
});

it('what a run before an operator reset has told counts up to where the present run went on', () => {
  const told = (step: string, type: 'step.started' | 'step.succeeded', ofRun: boolean) => ({
    ...{ seq: 1, type, time: at, step, attempt: 1, data: {}, ofRun },
  });
  const before = ['fetch', 'extract', 'save'].map((step) => told(step, 'step.succeeded', false));
  const log = toStepLog([...before, told('extract', 'step.started', true)]);
  expect([...log].map(([name, { status }]) => [name, status])).toEqual([
    ['fetch', 'succeeded'],
    ['extract', 'running'],
  ]);
});

failOnLeftovers();
