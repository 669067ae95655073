import { describe, expect, it } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { createPlaceActivities } from '../../activities/frame/place.js';
import { runInStep } from '../../activities/frame/step.js';
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
  const look = (attempt: number): Promise<ApplicationFailure> =>
    runInStep(recordingStep({ attempt }), () => awaitPlace({ owner: 'ann', lane: null })).then(
      () => {
        throw new Error('it is never its turn');
      },
      (error: unknown) => error as ApplicationFailure,
    );
  return { look, left };
}

describe('a job that waits for its place', () => {
  it('looks ever more seldom, and never gives up', async () => {
    const { look } = queue();
    const pauses = await Promise.all(
      [1, 2, 3, 4, 5, 6, 5_000].map(async (attempt) => {
        const { nextRetryDelay, nonRetryable } = await look(attempt);
        return [nextRetryDelay, nonRetryable];
      }),
    );
    const seconds = [1, 2, 4, 8, 15, 15, 15];
    expect(pauses).toEqual(seconds.map((pause) => [pause * 1_000, false]));
  });

  it('has the places of jobs that never came to be given up, once no start can take so long', async () => {
    const { look, left } = queue({ before: ['lost', 'slow'], coming: ['slow'] });
    for (const attempt of [1, 2, 3, 4, 5, 6, 7]) await look(attempt);
    expect(left).toEqual([]);
    await look(8);
    expect(left).toEqual(['lost']);
  });
});

failOnLeftovers();
