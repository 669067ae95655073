import { expect, it } from '@jest/globals';
import type { ItemsState, StepState } from '../../job-types/contract/outcome.js';
import { finalStatuses } from '../../job-types/contract/job.js';
import { noFacts } from '../../src/reading/facts.js';
import { toJob } from '../../src/reading/job-view.js';
import { percentOf } from '../../src/reading/percent.js';
import type { PendingActivity } from '../../src/reading/pending-activity.js';
import type { Run } from '../../src/reading/run.js';
import { farAs, noLess } from '../../src/reading/furthest.js';
import { toStepLog, withTotals } from '../../src/reading/step-log.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const at = '2026-11-23T12:00:00Z';

const run: Run = {
  jobId: 'job_1',
  runId: 'run-1',
  presentRunId: 'run-1',
  type: 'extractArticle',
  execution: 'RUNNING',
  createdAt: at,
  dueAt: at,
  finishedAt: null,
  historyLength: 5,
  begun: true,
  queryable: true,
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
  const percent = percentOf(status, { steps: 3, succeeded: 3, within: [] });
  expect(percent === 100).toBe(status === 'succeeded');
});

it('no step of an ended job reads as if it ran, whatever Temporal still lists', () => {
  const pending: PendingActivity = {
    ...{
      step: 'save',
      item: null,
      activityType: 'saveWords',
      attempt: 2,
      maxAttempts: null,
      lastFailure: null,
    },
    ...{ nextRetryAt: at, waitingSince: null, startedAt: at, heartbeat: null, pausedSince: null },
  };
  const ended: Partial<Run> = { execution: 'TERMINATED', finishedAt: at, activities: [pending] };
  const told = {
    seq: 1,
    type: 'step.started',
    time: at,
    step: 'save',
    item: null,
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
    ...{ seq: 1, type, time: at, step, item: null, attempt: 1, data: {}, ofRun },
  });
  const before = ['fetch', 'extract', 'save'].map((step) => told(step, 'step.succeeded', false));
  const log = toStepLog([...before, told('extract', 'step.started', true)]);
  expect([...log].map(([name, { status }]) => [name, status])).toEqual([
    ['fetch', 'succeeded'],
    ['extract', 'running'],
  ]);
});

/** A step of a type that is not registered here: it is shown as the run tells it. */
const withItems = (name: string, items: Partial<ItemsState>): StepState => ({
  ...done(name),
  items: { done: 0, failed: 0, running: 0, total: null, failures: [], ...items },
});

it('a step with items counts them, and a job of which one failed is partial', () => {
  const state = { startedAt: at, usage: null, output: null, waitingFor: [], answers: [] };
  const steps = [
    ...['fetch', 'extract'].map(done),
    { ...withItems('save', { done: 2, failed: 1, running: 1, total: 9 }), status: 'running' as const },
  ];
  const facts = { ...noFacts, snapshot: { ...state, steps } };
  const open = toJob(run, { facts, temporalUi: null });
  expect(open.steps[2]).toMatchObject({ status: 'running', done: 2, failed: 1, total: 9 });
  expect(open).toMatchObject({ partial: false, progress: { step: 'save', percent: 77 } });
  expect(open.progress.message).toMatch(/: 3 of 9$/);
  const ended = toJob({ ...run, execution: 'COMPLETED', finishedAt: at }, { facts, temporalUi: null });
  expect(ended.partial).toBe(true);
});

it('the percentage of a job does not fall while its steps take turns', () => {
  const steps = 3;
  const percents = Array.from({ length: 27 }, (_, over) => {
    const within = [0, 1, 2].map((step) => ({ done: Math.floor((over + 2 - step) / 3), total: 9 }));
    return percentOf('running', { steps, succeeded: 0, within });
  });
  expect(percents).toEqual(percents.toSorted((a, b) => a - b));
  expect(percents.at(-1)).toBeGreaterThan(90);
});

it('a step whose items are not all over goes on, where the log tells of none that is under way', () => {
  const told = { step: 'save', done: 2, failed: 1, open: 0, startedAt: at, lastAt: at };
  const step = (total: number) =>
    withTotals(toStepLog([], [told]), [withItems('save', { total })]).get('save');
  expect(step(4)).toMatchObject({ status: 'running', finishedAt: null, items: { done: 2, total: 4 } });
  expect(step(3)).toMatchObject({ status: 'succeeded', finishedAt: at });
});

it('a job is no less far than it was read before, until it ends or an operator resets it', () => {
  const answer = (described: Partial<Run>, ...steps: string[]) => ({
    ...{ run: { ...run, ...described }, facts: noFacts, job: shown(described, ...steps) },
  });
  const far = farAs(answer({}, 'fetch', 'extract'));
  const percentAfter = (described: Partial<Run>) =>
    noLess(answer(described, 'fetch'), far).job.progress.percent;
  expect(far.percent).toBe(66);
  expect(percentAfter({})).toBe(66);
  expect(percentAfter({ runId: 'reset' })).toBe(33);
  expect(percentAfter({ execution: 'TERMINATED', finishedAt: at })).toBe(33);
  expect(noLess(answer({}, 'fetch'), null).job.progress.percent).toBe(33);
});

failOnLeftovers();
