import { expect, it } from '@jest/globals';
import { terminate } from '../../src/cancel/cancel-calls.js';
import type { Run } from '../../src/reading/run.js';
import { startedRun } from '../../src/reading/undescribed-run.js';
import { grpcCodes } from '../../src/temporal/grpc-codes.js';
import type { TemporalClient } from '../../src/temporal/temporal-client.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const memo = { owner: 'ann', tags: [], metadata: {}, createdAt: '2026-11-23T12:00:00Z' };
const first = startedRun({ jobId: 'job_1', runId: 'run-1', type: 'ask', memo, delayMs: 0 });
const continued = (presentRunId: string): Run => ({ ...first, presentRunId });
const reset: Run = { ...first, runId: 'run-r', presentRunId: 'run-r' };

/** @param present the job's run after each try; the last of them stays */
async function ended(open: readonly string[], present: readonly Run[]): Promise<string[]> {
  const tried: string[] = [];
  const workflowService = {
    async terminateWorkflowExecution({ workflowExecution }: { workflowExecution: { runId: string } }) {
      tried.push(workflowExecution.runId);
      if (open.includes(workflowExecution.runId)) return;
      throw Object.assign(new Error('closed'), { code: grpcCodes.notFound, details: '', metadata: {} });
    },
  };
  const temporal = {
    namespace: 'default',
    call: (work: (client: unknown) => unknown) => work({ workflowService }),
  } as unknown as TemporalClient;
  const now = () => present[Math.min(tried.length, present.length) - 1] ?? null;
  await terminate(temporal, { run: first, reason: 'now', present: async () => now() });
  return tried;
}

it('a run that is continued while it is to be ended does not get away', async () => {
  expect(await ended(['run-1'], [first])).toEqual(['run-1']);
  expect(await ended(['run-3'], [continued('run-2'), continued('run-3')])).toEqual([
    'run-1',
    'run-2',
    'run-3',
  ]);
});

it('a run that has ended, or that an operator has reset meanwhile, is left alone', async () => {
  expect(await ended(['run-r'], [reset])).toEqual(['run-1']);
  const closed = { ...first, finishedAt: '2026-11-23T12:00:01Z' };
  expect(await ended([], [closed])).toEqual(['run-1']);
});

failOnLeftovers();
