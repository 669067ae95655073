import { describe, expect, it } from '@jest/globals';
import type { Job } from '../../job-types/contract/job.js';
import type { Notices } from '../../src/database/notices.js';
import type { JobReader } from '../../src/reading/job-reader.js';
import { JobWatch, mostWaiting } from '../../src/reading/job-watch.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const job = { status: 'running' } as Job;
const jobs = 200;
const more = 10;

describe('requests that wait for jobs to change', () => {
  it('are so many at once: beyond that those who have waited longest are told how it is', async () => {
    const read = async () => job;
    const notices = { subscribe: () => () => undefined };
    const watch = new JobWatch(
      { read, shared: read, again: read } as unknown as JobReader,
      notices as unknown as Notices,
    );
    const answered: number[] = [];
    const wait = async (number: number) => {
      const given = await watch.until(`job_${number % jobs}`, {
        owner: 'local',
        seconds: 60,
        wanted: () => false,
      });
      answered.push(number);
      return given;
    };
    const waits = Array.from({ length: mostWaiting + more }, (_, number) => wait(number));
    await until(() => answered.length === more, { what: 'the oldest are answered' });
    expect(answered.toSorted((a, b) => a - b)).toEqual(Array.from({ length: more }, (_, number) => number));
    // All others are answered when the process ends.
    watch.onModuleDestroy();
    expect(new Set(await Promise.all(waits))).toEqual(new Set([job]));
  });
});

failOnLeftovers();
