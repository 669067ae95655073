import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { VouchedValue } from '../../src/auth/vouched-value.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { promptMs } from '../harness/prompt.js';
import { until } from '../harness/until.js';

let loads = 0;
let answer: () => Promise<string>;
const value = (times: { freshMs: number; staleMs: number }) =>
  new VouchedValue({
    ...times,
    load: () => {
      loads += 1;
      return answer();
    },
  });
const away = () => Promise.reject(new Error('away'));

afterEach(() => {
  loads = 0;
});

describe('a vouched value', () => {
  it('is loaded once for all who ask at the same time, and once as long as it is fresh', async () => {
    answer = () => Promise.resolve('first');
    const vouched = value({ freshMs: 60_000, staleMs: 60_000 });
    expect(await Promise.all([vouched.get(), vouched.get(), vouched.get()])).toEqual([
      'first',
      'first',
      'first',
    ]);
    answer = () => Promise.resolve('second');
    expect(await vouched.get()).toBe('first');
    expect(loads).toBe(1);
  });

  it('is loaded again when it is no longer fresh', async () => {
    answer = () => Promise.resolve('first');
    const vouched = value({ freshMs: 0, staleMs: 60_000 });
    await vouched.get();
    answer = () => Promise.resolve('second');
    expect(await vouched.get()).toBe('second');
  });

  it('goes on serving while nothing can be loaded, without asking at every turn', async () => {
    answer = () => Promise.resolve('first');
    const vouched = value({ freshMs: 0, staleMs: 60_000 });
    await vouched.get();
    answer = away;
    for (let turn = 0; turn < 10; turn++) expect(await vouched.get()).toBe('first');
    expect(loads).toBe(2);
  });

  it('ends serving after a while', async () => {
    answer = () => Promise.resolve('first');
    const vouched = value({ freshMs: 0, staleMs: 50 });
    await vouched.get();
    answer = away;
    const refusal = () =>
      vouched.get().then(
        () => false,
        (error: Error) => error.message,
      );
    expect(await until(refusal, { what: 'it is not served any more' })).toBe('away');
  });

  it('is refused when there never was one', async () => {
    answer = away;
    await expect(value({ freshMs: 0, staleMs: 60_000 }).get()).rejects.toThrow('away');
  });

  it('does not wait longer than half a second for what does not answer', async () => {
    const hanging = new AbortController();
    answer = () => Promise.resolve('first');
    const vouched = value({ freshMs: 0, staleMs: 0 });
    await vouched.get();
    answer = () => pause(60_000, 'late', { signal: hanging.signal });
    const at = performance.now();
    await expect(vouched.get()).rejects.toThrow(/no answer after \d+ ms/);
    expect(performance.now() - at).toBeLessThan(promptMs);
    hanging.abort();
  });

  it('waits longer for the first one, in whose place nothing serves', async () => {
    answer = () => pause(700, 'first');
    expect(await value({ freshMs: 0, staleMs: 60_000 }).get()).toBe('first');
    const hanging = new AbortController();
    answer = () => pause(60_000, 'late', { signal: hanging.signal });
    await expect(value({ freshMs: 0, staleMs: 60_000 }).get()).rejects.toThrow(/no answer after \d+ ms/);
    hanging.abort();
  });
});

failOnLeftovers();
