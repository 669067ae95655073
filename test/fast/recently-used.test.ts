import { describe, expect, it } from '@jest/globals';
import { RecentlyUsed } from '../../src/recently-used.js';

describe('RecentlyUsed', () => {
  const filled = (most: { count: number; weight: number }) => {
    const kept = new RecentlyUsed<string, string>(most);
    for (const key of ['a', 'b', 'c']) kept.add(key, key.toUpperCase(), { weight: 10 });
    return kept;
  };

  it('lets go of what was not used for longest when there are too many', () => {
    const kept = filled({ count: 3, weight: Infinity });
    kept.use('a');
    kept.add('d', 'D', { weight: 10 });
    expect([...kept.values()]).toEqual(['C', 'A', 'D']);
  });

  it('lets go of as many as weigh too much, also when one has become heavier', () => {
    const kept = filled({ count: 10, weight: 30 });
    expect([...kept.values()]).toEqual(['A', 'B', 'C']);
    kept.weigh('c', 25);
    expect([...kept.values()]).toEqual(['C']);
  });

  it('keeps the newest one, whatever it weighs', () => {
    const kept = filled({ count: 10, weight: 30 });
    kept.add('d', 'D', { weight: 1_000 });
    expect([...kept.values()]).toEqual(['D']);
  });

  it('counts what is added again once, and what was let go no more', () => {
    const kept = filled({ count: 2, weight: 25 });
    kept.add('c', 'again', { weight: 10 });
    kept.weigh('a', 100);
    expect([...kept.values()]).toEqual(['B', 'again']);
  });

  it('looks without using', () => {
    const kept = filled({ count: 3, weight: Infinity });
    expect([kept.peek('a'), kept.peek('x'), kept.use('x')]).toEqual(['A', undefined, undefined]);
    kept.add('d', 'D', { weight: 10 });
    expect(kept.peek('a')).toBeUndefined();
  });
});
