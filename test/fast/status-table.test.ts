import { describe, expect, it } from '@jest/globals';
import { type JobStatus, finalStatuses, isFinal, openStatuses } from '../../job-types/contract/job.js';
import type { Run } from '../../src/reading/run.js';
import type { PendingActivity } from '../../src/reading/pending-activity.js';
import { stalledOf, statusOf, statusTable } from '../../src/reading/status.js';

const now = Date.parse('2026-11-23T12:00:00Z');
const ago = (seconds: number): string => new Date(now - seconds * 1000).toISOString();

const run = (more: Partial<Run> = {}): Run => ({
  jobId: 'job_1',
  runId: 'run-1',
  presentRunId: 'run-1',
  type: 'extractArticle',
  execution: 'RUNNING',
  createdAt: ago(60),
  dueAt: ago(60),
  finishedAt: null,
  historyLength: 5,
  begun: true,
  queryable: true,
  cancelRequested: false,
  workflowTask: null,
  activities: [],
  pausedSince: null,
  mark: null,
  waitingFor: [],
  memo: { owner: 'default', tags: [], metadata: {} },
  ...more,
});

const activity = (more: Partial<PendingActivity> = {}): PendingActivity => ({
  step: 'extract',
  item: null,
  activityType: 'extractWords',
  attempt: 1,
  maxAttempts: null,
  lastFailure: null,
  nextRetryAt: null,
  waitingSince: null,
  pausedSince: null,
  startedAt: ago(30),
  heartbeat: null,
  ...more,
});

describe('the status', () => {
  const ended = { finishedAt: ago(1) };
  it.each<[string, Partial<Run>, JobStatus]>([
    ['no worker has seen', { begun: false, historyLength: 2 }, 'queued'],
    ['starts later', { begun: false, dueAt: ago(-60) }, 'scheduled'],
    ['should have started', { begun: false, dueAt: ago(0) }, 'queued'],
    ['a worker has begun', {}, 'running'],
    ['has a step in a back-off', { activities: [activity({ nextRetryAt: ago(-60) })] }, 'running'],
    ['waits for a person', { mark: 'waiting' }, 'waiting'],
    ['waits for its concurrency key', { mark: 'queued' }, 'queued'],
    ['waits for a person and is asked to stop', { mark: 'waiting', cancelRequested: true }, 'cancelling'],
    ['was stopped by its own time-out', { mark: 'timed_out', execution: 'FAILED', ...ended }, 'timed_out'],
    ['was paused by an operator', { execution: 'PAUSED' }, 'running'],
    ['is asked to stop', { cancelRequested: true }, 'cancelling'],
    ['is asked to stop before a worker came', { cancelRequested: true, begun: false }, 'cancelling'],
    ['completed', { execution: 'COMPLETED', ...ended }, 'succeeded'],
    ['completed after a cancel', { execution: 'COMPLETED', cancelRequested: true, ...ended }, 'succeeded'],
    ['failed', { execution: 'FAILED', ...ended }, 'failed'],
    ['was cancelled', { execution: 'CANCELLED', cancelRequested: true, ...ended }, 'cancelled'],
    ['was cancelled before it began', { execution: 'CANCELLED', begun: false, ...ended }, 'cancelled'],
    ['was terminated', { execution: 'TERMINATED', ...ended }, 'terminated'],
    ['timed out', { execution: 'TIMED_OUT', ...ended }, 'timed_out'],
  ])('of a run that %s is read from describe', (_, described, status) => {
    expect(statusOf(run(described), now).status).toBe(status);
  });

  it('has a row, and a sentence for people, for every status that describe can tell', () => {
    const told = new Set(statusTable.map(({ status }) => status));
    expect([...told].toSorted()).toEqual([...openStatuses, ...finalStatuses].toSorted());
    for (const { sentence } of statusTable) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  it('says that a job goes on by itself which waits for what its owner may spend, and for nobody', () => {
    const wait = (name: string) => ({ id: name, name, expiresAt: ago(-60) });
    const told = (...names: string[]) =>
      statusOf(run({ mark: 'waiting', waitingFor: names.map(wait) }), now).sentence;
    expect(told('ownerBudget')).toContain('goes on by itself');
    for (const names of [[], ['review'], ['budget'], ['ownerBudget', 'review']]) {
      expect(told(...names)).toBe('Waits for a person.');
    }
  });

  it('is final exactly when Temporal has closed the run', () => {
    const closed = ['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT'] as const;
    for (const execution of closed) expect(isFinal(statusOf(run({ execution }), now).status)).toBe(true);
    for (const execution of ['RUNNING', 'PAUSED'] as const) {
      expect(isFinal(statusOf(run({ execution }), now).status)).toBe(false);
    }
  });
});

describe('stalled', () => {
  const task = (more: Partial<NonNullable<Run['workflowTask']>> = {}) => ({
    workflowTask: { taken: false, attempt: 1, since: ago(20), ...more },
  });
  it.each<[string, Partial<Run>, ReturnType<typeof stalledOf>]>([
    ['a task nobody takes', task(), { since: ago(20), reason: 'no-worker' }],
    [
      'a task that was due later than it was written',
      { ...task(), dueAt: ago(10) },
      { since: ago(10), reason: 'no-worker' },
    ],
    [
      'an attempt nobody takes',
      { activities: [activity({ waitingSince: ago(30) })] },
      { since: ago(30), reason: 'no-worker' },
    ],
    [
      'several that nobody takes, since the first of them',
      { ...task(), activities: [activity({ waitingSince: ago(30) }), activity({ waitingSince: ago(9) })] },
      { since: ago(30), reason: 'no-worker' },
    ],
    [
      'workflow code that fails',
      task({ attempt: 2, taken: true }),
      { since: ago(20), reason: 'workflow-code' },
    ],
    [
      'a step that an operator has paused, before what else holds the job up',
      { activities: [activity({ pausedSince: ago(3) }), activity({ waitingSince: ago(30) })] },
      { since: ago(3), reason: 'paused' },
    ],
    [
      'a run that an operator has paused',
      { execution: 'PAUSED', pausedSince: ago(3) },
      { since: ago(3), reason: 'paused' },
    ],
    [
      'a cancelled job no worker stops',
      { ...task(), cancelRequested: true },
      { since: ago(20), reason: 'no-worker' },
    ],
  ])('is said of %s', (_, described, stalled) => {
    expect(stalledOf(run(described), now)).toEqual(stalled);
  });

  it.each<[string, Partial<Run>]>([
    ['a task that is being worked on', task({ taken: true })],
    ['a task of a moment ago', task({ since: ago(2) })],
    ['an attempt of a moment ago', { activities: [activity({ waitingSince: ago(2) })] }],
    ['an attempt that is being worked on', { activities: [activity()] }],
    ['a back-off', { activities: [activity({ nextRetryAt: ago(-600), startedAt: ago(600) })] }],
    ['a delayed start', { ...task({ since: ago(600) }), begun: false, dueAt: ago(-600) }],
    ['nothing pending', {}],
    ['a closed run', { ...task(), execution: 'COMPLETED', finishedAt: ago(1) }],
  ])('is not said of %s', (_, described) => {
    expect(stalledOf(run(described), now)).toBeNull();
  });
});
