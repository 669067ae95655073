import { describe, expect, it } from '@jest/globals';
import { type Age, Freshness, type Next, good } from '../../src/reading/freshness.js';

const ago = (ms: number): number => Date.now() - ms;

/** Of an open job, read a moment ago, of which nothing was heard since. */
const aged = (more: Partial<Age>): Age => ({
  readAt: ago(0),
  status: 'running',
  whole: true,
  noticedAt: 0,
  talked: false,
  retelling: false,
  failedAt: null,
  ...more,
});

const usual = { announced: true, crowded: false };
const unheard = { announced: false, crowded: false };
const crowded = { announced: true, crowded: true };

/** Enough older or younger than a limit, whatever the machine does meanwhile. */
const gapMs = 200;

describe('what was read of a job', () => {
  it.each<[string, () => Partial<Age>, typeof usual, Next]>([
    ['of an open job serves for a second', () => ({ readAt: ago(good.announced - gapMs) }), usual, 'give'],
    ['and then no longer', () => ({ readAt: ago(good.announced + gapMs) }), usual, 'ask'],
    ['serves shorter while no notice is heard', () => ({ readAt: ago(good.open + gapMs) }), unheard, 'ask'],
    ['and after one', () => ({ readAt: ago(good.open + gapMs), noticedAt: ago(gapMs) }), usual, 'ask'],
    ['and during a cancel', () => ({ readAt: ago(good.open + gapMs), status: 'cancelling' }), usual, 'ask'],
    ['serves longer in a crowd', () => ({ readAt: ago(good.crowded - gapMs) }), crowded, 'give'],
    [
      'and longest if nothing was heard of it',
      () => ({ readAt: ago(good.longest - gapMs) }),
      crowded,
      'give',
    ],
    [
      'but not when it moves',
      () => ({ readAt: ago(good.crowded + gapMs), noticedAt: ago(gapMs) }),
      crowded,
      'ask',
    ],
    ['of a final job, too', () => ({ readAt: ago(good.final - gapMs), status: 'failed' }), unheard, 'give'],
    [
      'if all of it was there',
      () => ({ readAt: ago(gapMs * 2), status: 'failed', whole: false }),
      usual,
      'ask',
    ],
    ['is shared while it is being read', () => ({ readAt: Infinity }), unheard, 'give'],
    ['is told anew when the step has talked', () => ({ talked: true }), usual, 'retell'],
    ['but not before it is there', () => ({ readAt: Infinity, talked: true }), usual, 'wait'],
    ['nor while it is told anew', () => ({ talked: true, retelling: true }), usual, 'wait'],
    ['nor of a final job', () => ({ status: 'succeeded', talked: true }), usual, 'give'],
    ['is a failure for half a second', () => ({ readAt: 0, failedAt: ago(gapMs) }), usual, 'give'],
    ['and not longer', () => ({ readAt: 0, failedAt: ago(good.failure + gapMs) }), usual, 'ask'],
  ])('%s', (_, age, now, next) => {
    expect(new Freshness().next(aged(age()), now)).toBe(next);
  });

  it('serves longer when many quiet jobs are watched, up to a limit', () => {
    const freshness = new Freshness();
    const many = good.quietCallsASecond * 3;
    const ask = (readAt: number) =>
      Array.from({ length: many }, () => freshness.next(aged({ readAt }), usual)).filter(
        (next) => next === 'ask',
      );
    expect(ask(ago(good.longest / 2)).length).toBeLessThan(many / 2);
    expect(ask(ago(good.longest + gapMs))).toHaveLength(many);
  });
});
