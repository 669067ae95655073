import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type Ends, endsOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { rounds } from '../../harness/rounds.js';

jest.setTimeout(180_000);

const races = rounds(60, 200);
const sideBySide = 8;

let house: House;
/** After how long about half of the jobs have ended: found by the races themselves, whatever the machine. */
let evenMs = 60;
/** How the races have ended. Steps are large until both ends have been seen. */
const outcomes = new Map<string, number>();

beforeAll(async () => {
  house = await openHouse({ MODEL: 'openai/instant' });
  await house.startWorker();
});
afterAll(() => house.close());

/** Submits a job, cancels it at some moment of its short life, and hears how everybody says it ended. */
async function race(): Promise<{ ends: Ends; answered: number; job: Job; kept: boolean }> {
  const { id } = await house.submit();
  await pause(evenMs * (0.5 + Math.random()));
  const cancel = () => house.request<Job>('POST', `/v1/jobs/${id}/cancel`, { reason: 'race' });
  let answer = await cancel();
  // As a client does whose call took Temporal too long, on a machine that is too busy.
  while (answer.status === 503) answer = await cancel();
  const { job, ...ends } = await endsOf(house, id);
  const step = outcomes.size < 2 ? 1.5 : 1.07;
  evenMs *= ends.api === 'succeeded' ? 1 / step : step;
  // What was final in the answer has to stay so.
  expect(job.status).toBe(answer.status === 200 ? answer.body.status : job.status);
  // A database that is late does not hold up a cancel: who asked, and why, may then be lost.
  const kept = answer.body.cancel?.requestedAt !== null;
  return { ends, answered: answer.status, job, kept };
}

const shapes = {
  succeeded: { result: { words: expect.any(Array) as unknown } },
  cancelled: { result: null, cancel: { reason: 'race' } },
};

describe('a cancel that races the end of its job', () => {
  it(`leaves API, Temporal, archive and saved rows in agreement, ${races} times`, async () => {
    let left = races;
    let lost = 0;
    const runner = async (): Promise<void> => {
      while (left > 0 || outcomes.size < 2) {
        left -= 1;
        const { ends, answered, job, kept } = await race();
        expect([200, 202]).toContain(answered);
        expect(['succeeded', 'cancelled']).toContain(ends.api);
        // A job that no worker seems to have begun is terminated, and is cancelled all the same.
        const { temporal, ...rest } = ends;
        const agreed = ends.api === 'succeeded' ? unanimous.succeeded(ends.savedWords) : unanimous.cancelled;
        expect([agreed.temporal, ...(ends.api === 'cancelled' ? ['TERMINATED'] : [])]).toContain(temporal);
        expect({ ...rest, temporal: agreed.temporal }).toEqual(agreed);
        const shape = shapes[ends.api as keyof typeof shapes];
        expect(job).toMatchObject(kept ? shape : { result: shape.result });
        if (!kept) lost += 1;
        outcomes.set(ends.api, (outcomes.get(ends.api) ?? 0) + 1);
      }
    };
    const runners = await Promise.allSettled(Array.from({ length: sideBySide }, runner));
    expect(runners.filter(({ status }) => status === 'rejected')).toEqual([]);
    // One pause of the machine may meet all that run side by side.
    expect(lost).toBeLessThanOrEqual(races / 10 + sideBySide);
    process.stdout.write(`cancels racing the end: ${JSON.stringify(Object.fromEntries(outcomes))}\n`);
    expect([...outcomes.keys()].toSorted()).toEqual(['cancelled', 'succeeded']);
  });
});

failOnLeftovers();
