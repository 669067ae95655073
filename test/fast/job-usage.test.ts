import { expect, it } from '@jest/globals';
import type { Usage } from '../../job-types/contract/job.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import { type Facts, noFacts } from '../../src/reading/facts.js';
import { toJob } from '../../src/reading/job-view.js';
import type { Run } from '../../src/reading/run.js';

const run: Run = {
  jobId: 'job_1',
  runId: 'run-1',
  presentRunId: 'run-1',
  type: 'extractArticle',
  execution: 'RUNNING',
  createdAt: '2026-11-23T12:00:00Z',
  dueAt: '2026-11-23T12:00:00Z',
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
  memo: { owner: 'ann', tags: [], metadata: {} },
};

const snapshot = {
  startedAt: null,
  steps: [],
  usage: { inputTokens: 10, outputTokens: 5, costUsd: null },
  output: null,
  waitingFor: [],
  answers: [],
} satisfies JobSnapshot;

const ledgers: Usage = {
  inputTokens: 30,
  cachedInputTokens: 1,
  outputTokens: 20,
  reasoningTokens: 2,
  costUsd: 0.5,
  wastedUsd: 0.25,
  savedUsd: 0,
  estimated: false,
};

const usageBy = (facts: Partial<Facts>) =>
  toJob(run, { facts: { ...noFacts, ...facts }, temporalUi: null }).usage;

it('is the ledger that says what a job has used', () => {
  expect(usageBy({ usage: ledgers, snapshot })).toEqual(ledgers);
});

it('is the workflow as long as the ledger says nothing, which makes it an estimate without a bill', () => {
  expect(usageBy({ snapshot })).toEqual({
    inputTokens: 10,
    cachedInputTokens: 0,
    outputTokens: 5,
    reasoningTokens: 0,
    costUsd: null,
    wastedUsd: null,
    savedUsd: null,
    estimated: true,
  });
});

it('is nothing when nobody knows of a call', () => {
  expect(usageBy({})).toBeNull();
});
