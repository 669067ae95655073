import { describe, expect, it } from '@jest/globals';
import { LRUCache } from 'lru-cache';
import { keep } from '../../src/reading/keep.js';

describe('what is kept', () => {
  const filled = (most: { max: number; maxSize: number }) => {
    const cache = new LRUCache<string, string>(most);
    for (const key of ['a', 'b', 'c']) keep(cache, key, { value: key.toUpperCase(), weight: 10 });
    return cache;
  };
  const kept = (cache: LRUCache<string, string>) => [...cache.values()].toReversed();

  it('is what was used last, when there are too many', () => {
    const cache = filled({ max: 3, maxSize: 1_000 });
    cache.get('a');
    keep(cache, 'd', { value: 'D', weight: 10 });
    expect(kept(cache)).toEqual(['C', 'A', 'D']);
  });

  it('is as much as weighs no more than the limit, also when one has become heavier', () => {
    const cache = filled({ max: 10, maxSize: 30 });
    expect(kept(cache)).toEqual(['A', 'B', 'C']);
    keep(cache, 'c', { value: 'C', weight: 25 });
    expect(kept(cache)).toEqual(['C']);
  });

  it('is the newest one, whatever it weighs', () => {
    const cache = filled({ max: 10, maxSize: 30 });
    keep(cache, 'd', { value: 'D', weight: 1_000 });
    expect(kept(cache)).toEqual(['D']);
    keep(cache, 'd', { value: 'D', weight: 2_000 });
    keep(cache, 'e', { value: 'E', weight: 0 });
    expect(kept(cache)).toEqual(['E']);
  });
});
