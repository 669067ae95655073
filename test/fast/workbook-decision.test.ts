import { describe, expect, it } from '@jest/globals';
import type { JobStatus, StepStatus, StepView } from '../../job-types/contract/job.js';
import { isConfirmed } from '../../src/compat/workbook-chat/proposal.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const answer = { id: 'confirm', name: 'confirm', answeredAt: '2026-01-01T00:00:00Z', answeredBy: null };

/** A job of a plan, which somebody has answered unless it is said otherwise. */
const job = (status: JobStatus, run: StepStatus, answers = [answer]) => ({
  ...{ status, answers, done: ['succeeded', 'failed', 'cancelled', 'terminated'].includes(status) },
  steps: [{ name: 'run', status: run } as StepView],
});

describe('a plan whose job was answered', () => {
  it.each<[string, JobStatus, StepStatus, boolean]>([
    ['has not shown yet what it was told', 'running', 'pending', false],
    ['queues, so it was told yes', 'queued', 'pending', true],
    ['runs, so it was told yes', 'running', 'running', true],
    ['has run', 'succeeded', 'succeeded', true],
    ['has ended without a run, so it was told no', 'succeeded', 'pending', false],
    ['was cancelled before its turn', 'cancelled', 'pending', true],
  ])('%s', (_, status, run, confirmed) => {
    expect(isConfirmed(job(status, run))).toBe(confirmed);
  });

  it('is not confirmed where nobody has answered', () => {
    expect(isConfirmed(job('terminated', 'pending', []))).toBe(false);
  });
});

failOnLeftovers();
