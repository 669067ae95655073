import { stat } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { whileTimeIsLeft, within } from '../../src/within.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const never = new Promise<never>(() => undefined);

const busyFor = (ms: number): void => {
  const end = performance.now() + ms;
  while (performance.now() < end);
};

it('work that is done in time is answered, or fails as it failed', async () => {
  expect(await within(1_000, Promise.resolve('done'))).toBe('done');
  await expect(within(1_000, Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});

it('work that takes longer reads as a database that is away', async () => {
  const error: unknown = await within(20, never).catch((late: unknown) => late);
  expect(isDatabaseUnavailable(error)).toBe(true);
  expect(String(error)).toMatch(/no answer after \d+ ms/);
});

it('what arrives while the process is busy is in time', async () => {
  const isInTime = async () => {
    const answer = within(20, stat(import.meta.filename));
    busyFor(200);
    return (await answer).isFile();
  };
  // On a busy machine even a look at the disk may not be over by then.
  expect(await until(isInTime, { what: 'what has arrived is in time' })).toBe(true);
});

it('a limit that moves is kept where it has moved to', async () => {
  let end = performance.now() + 40;
  const answer = whileTimeIsLeft(() => end - performance.now(), pause(120, 'late'));
  end += 1_000;
  expect(await answer).toBe('late');
});

failOnLeftovers();
