import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { createPlaceActivities } from '../../activities/frame/place.js';
import { runInStep } from '../../activities/frame/step.js';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import { type JobOverDependencies, createJobOver } from '../../store/job-over.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { recordingStep } from '../harness/recording-step.js';

/** A queue in which it is never the job's turn. */
function queue({ coming = [] as string[], before = [] as string[] } = {}) {
  const left: string[] = [];
  const { awaitPlace } = createPlaceActivities({
    places: {
      take: async () => false,
      waitingBefore: async () => before,
      leave: async (job) => void left.push(job),
    },
    atOnce: {},
    isComing: async (job) => coming.includes(job),
  });
  const look = async (attempt: number): Promise<ApplicationFailure> => {
    try {
      await runInStep(recordingStep({ attempt }), () => awaitPlace({ owner: 'ann', lane: null }));
    } catch (error) {
      if (error instanceof ApplicationFailure) return error;
      throw error;
    }
    throw new Error('it is never its turn');
  };
  return { look, left };
}

describe('a job that waits for its place', () => {
  it('looks ever more seldom, and never gives up', async () => {
    const { look } = queue();
    const refusals: ApplicationFailure[] = [];
    for (const attempt of [1, 2, 3, 4, 5, 6, 5_000]) refusals.push(await look(attempt));
    const seconds = [1, 2, 4, 8, 15, 15, 15];
    expect(refusals).toMatchObject(
      seconds.map((pause) => ({ nextRetryDelay: pause * 1_000, nonRetryable: false })),
    );
  });

  it('has the places of jobs that never came to be given up, once no start can take so long', async () => {
    const { look, left } = queue({ before: ['lost', 'slow'], coming: ['slow'] });
    for (const attempt of [1, 2, 3, 4, 5, 6, 7]) await look(attempt);
    expect(left).toEqual([]);
    await look(8);
    expect(left).toEqual(['lost']);
  });
});

describe('the end of a job', () => {
  it('calls those whose turn may have come, once its archive tells that it is over', async () => {
    const done: string[] = [];
    const over = createJobOver({
      outcomes: { put: async () => void done.push('archived') },
      events: { append: async () => undefined },
      concurrency: { release: async () => null },
      places: { nextOf: async ({ owner }: { owner: string }) => [`${owner}-next`, `${owner}-other`] },
      isOpen: async () => true,
      callTurn: async (job: string) => void done.push(`called ${job}`),
      announce: () => void done.push('announced'),
    } as unknown as JobOverDependencies);
    const outcome = { status: 'cancelled', finishedAt: new Date().toISOString(), failure: null };
    const job = { type: 'runWorkbookPlan', owner: 'ann', memo: {}, outcome } as unknown as ArchivedJob;
    const end = { jobId: 'a', runId: 'run', job, closed: false };
    await over({ ...end, archived: false });
    expect(done.splice(0)).toEqual(['archived', 'called ann-next', 'called ann-other', 'announced']);
    await over({ ...end, archived: true });
    expect(done).toEqual(['announced']);
  });
});

failOnLeftovers();
