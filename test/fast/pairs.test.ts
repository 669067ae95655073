import { describe, expect, it } from '@jest/globals';
import { type Pair, alternate, estimate, median, quantile, variation } from '../../bench/pairs.js';

const pairsOf = (ratios: number[]): Pair[] =>
  ratios.map((ratio) => ({ subject: ratio * 10, denominator: 10 }));

describe('alternating', () => {
  it('runs one side first in every second pair', async () => {
    const order: string[] = [];
    const side = (name: string, value: number) => () => {
      order.push(name);
      return Promise.resolve(value);
    };
    const pairs = await alternate({ subject: side('A', 3), denominator: side('B', 2) }, { pairs: 4 });
    expect(order.join('')).toBe('ABBAABBA');
    expect(pairs).toEqual(Array.from({ length: 4 }, () => ({ subject: 3, denominator: 2 })));
  });

  it('keeps a drift of the machine out of the ratio', async () => {
    let speed = 1;
    const side = (work: number) => () => {
      speed *= 1.05;
      return Promise.resolve(work * speed);
    };
    const pairs = await alternate({ subject: side(2), denominator: side(1) }, { pairs: 8 });
    expect(estimate(pairs).ratio).toBeCloseTo(2, 2);
  });
});

describe('an estimate', () => {
  it('is the median of the ratios, not the ratio of the medians', () => {
    const pairs = [
      { subject: 1, denominator: 1 },
      { subject: 20, denominator: 10 },
      { subject: 300, denominator: 100 },
    ];
    expect(estimate(pairs).ratio).toBe(2);
  });

  it('is not moved by one pair that went wrong', () => {
    expect(estimate(pairsOf([1.2, 1.21, 1.19, 1.2, 1.22, 1.18, 40])).ratio).toBeCloseTo(1.2);
  });

  it('has an interval around the median, inside what was seen', () => {
    const ratios = [1.1, 1.4, 1.2, 1.3, 1.25, 1.15, 1.35];
    const { ratio, interval } = estimate(pairsOf(ratios));
    const [low, high] = interval;
    expect(low).toBeLessThan(ratio);
    expect(high).toBeGreaterThan(ratio);
    expect(low).toBeGreaterThanOrEqual(1.1);
    expect(high).toBeLessThanOrEqual(1.4);
  });

  it('has no width when all pairs agree', () => {
    expect(estimate(pairsOf([1.5, 1.5, 1.5]))).toEqual({ ratio: 1.5, interval: [1.5, 1.5] });
  });

  it('is the same for the same pairs', () => {
    const pairs = pairsOf([1, 3, 2, 5, 4, 2.5, 3.5]);
    expect(estimate(pairs)).toEqual(estimate(pairs));
  });

  it('covers the true ratio about nine times in ten', () => {
    let state = 42;
    // Numerical Recipes' generator: another one than the bootstrap draws with.
    const noise = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 4_294_967_296;
    };
    const runs = 80;
    const covered = Array.from({ length: runs }, () => {
      const ratios = Array.from({ length: 7 }, () => 1 + (noise() + noise() + noise() - 1.5) / 5);
      const [low, high] = estimate(pairsOf(ratios)).interval;
      return low <= 1 && 1 <= high;
    }).filter(Boolean).length;
    expect(covered / runs).toBeGreaterThan(0.8);
    expect(covered / runs).toBeLessThan(0.98);
  });

  it('refuses what has no ratio', () => {
    expect(() => estimate([])).toThrow(RangeError);
    expect(() => estimate([{ subject: 1, denominator: 0 }])).toThrow('denominator above 0');
  });
});

describe('quantiles', () => {
  it('lie between the values next to them', () => {
    expect(median([4, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(quantile([0, 10], 0.05)).toBeCloseTo(0.5);
    expect(quantile([7], 0.9)).toBe(7);
  });
});

it('variation is the standard deviation over the mean', () => {
  expect(variation([5, 5, 5])).toBe(0);
  expect(variation([8, 12])).toBeCloseTo(0.2);
});
