import { expect, it } from '@jest/globals';
import { Rounds } from '../../src/rounds.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

/** Rounds that come at once. */
function rounds(round: (count: number) => Promise<void>) {
  const outages: unknown[] = [];
  let count = 0;
  const all = new Rounds({
    round: () => round((count += 1)),
    everyMs: 1,
    firstAfterMs: 0,
    uneven: true,
    onOutage: (error) => void outages.push(error),
  });
  const reached = (wanted: number) => until(() => count >= wanted, { what: `round ${wanted}`, everyMs: 1 });
  return { all, outages, reached, count: () => count };
}

it('what fails is done again, and is told once until it has worked', async () => {
  const failing = new Set([2, 3, 4, 6]);
  const { all, outages, reached } = rounds(async (count) => {
    if (failing.has(count)) throw new Error(`round ${count}`);
  });
  all.begin();
  await reached(8);
  await all.end();
  expect(outages).toEqual([new Error('round 2'), new Error('round 6')]);
});

it('the end waits for the round that is under way, which hears of it, and no other follows', async () => {
  const order: string[] = [];
  const { all, outages, reached, count } = rounds(async () => {
    await new Promise((resolve) => all.signal.addEventListener('abort', resolve));
    order.push('the round has ended');
    throw new Error('cut short');
  });
  all.begin();
  await reached(1);
  await all.end();
  order.push('the end');
  expect(order).toEqual(['the round has ended', 'the end']);
  expect({ count: count(), outages }).toEqual({ count: 1, outages: [] });
});

it('what has not begun ends at once', async () => {
  const { all, count } = rounds(async () => undefined);
  await all.end();
  all.begin();
  await all.end();
  expect(count()).toBe(0);
});

failOnLeftovers();
