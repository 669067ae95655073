import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../job-types/job.js';
import { type Ends, endsOf, unanimous } from '../harness/ends.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';

jest.setTimeout(90_000);

const races = 200;
const sideBySide = 8;

let house: House;
/** Beyond the end of most jobs, however slow the machine is. */
let longestDelayMs: number;

beforeAll(async () => {
  house = await openHouse({ MODEL: 'openai/instant' });
  await house.startWorker();
  // As many as race: the first ones also warm the worker up.
  const durations = await Promise.all(Array.from({ length: 2 * sideBySide }, duration));
  longestDelayMs = Math.max(60, 1.5 * Math.min(...durations));
});
afterAll(() => house.close());

async function duration(): Promise<number> {
  const at = performance.now();
  const { id } = await house.submit();
  await house.temporal.workflow.getHandle(id).result();
  return performance.now() - at;
}

/** Submits a job, cancels it at some moment of its short life, and hears how everybody says it ended. */
async function race(): Promise<{ ends: Ends; answered: number; job: Job }> {
  const { id } = await house.submit();
  await pause(Math.random() * longestDelayMs);
  const cancel = () => house.request<Job>('POST', `/v1/jobs/${id}/cancel`, { reason: 'race' });
  let answer = await cancel();
  // As a client does whose call took Temporal too long, on a machine that is too busy.
  while (answer.status === 503) answer = await cancel();
  const { job, ...ends } = await endsOf(house, id);
  // What was final in the answer has to stay so.
  if (answer.status === 200) expect(job.status).toBe(answer.body.status);
  return { ends, answered: answer.status, job };
}

describe('a cancel that races the end of its job', () => {
  it(`leaves API, Temporal, archive and saved rows in agreement, ${races} times`, async () => {
    const outcomes = new Map<string, number>();
    let left = races;
    const runner = async (): Promise<void> => {
      while (left > 0) {
        left -= 1;
        const { ends, answered, job } = await race();
        expect([200, 202]).toContain(answered);
        expect(['succeeded', 'cancelled']).toContain(ends.api);
        // A job that no worker seems to have begun is terminated, and is cancelled all the same.
        const { temporal, ...rest } = ends;
        const agreed = ends.api === 'succeeded' ? unanimous.succeeded(ends.savedWords) : unanimous.cancelled;
        expect([agreed.temporal, ...(ends.api === 'cancelled' ? ['TERMINATED'] : [])]).toContain(temporal);
        expect({ ...rest, temporal: agreed.temporal }).toEqual(agreed);
        if (ends.api === 'succeeded') expect(job.result).toMatchObject({ words: expect.any(Array) });
        else expect(job).toMatchObject({ result: null, cancel: { reason: 'race' } });
        outcomes.set(ends.api, (outcomes.get(ends.api) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: sideBySide }, runner));
    process.stdout.write(`cancels racing the end: ${JSON.stringify(Object.fromEntries(outcomes))}\n`);
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(races);
  });
});

failOnLeftovers();
