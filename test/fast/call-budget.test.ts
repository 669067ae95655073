import { describe, expect, it } from '@jest/globals';
import { CallBudget } from '../../src/reading/call-budget.js';

/** How many of so many calls a budget grants at a moment. */
const granted = (budget: CallBudget, { now, calls }: { now: number; calls: number }): number =>
  Array.from({ length: calls }, () => budget.take({ must: false, now })).filter(Boolean).length;

describe('a budget of calls', () => {
  const start = Date.now();

  it('grants a second of calls at once, and then as many as time has passed for', () => {
    const budget = new CallBudget(10);
    expect(granted(budget, { now: start, calls: 50 })).toBe(10);
    expect(granted(budget, { now: start + 350, calls: 50 })).toBe(3);
    expect(granted(budget, { now: start + 60_000, calls: 50 })).toBe(10);
  });

  it('grants what must be, and makes up for it later', () => {
    const budget = new CallBudget(10);
    granted(budget, { now: start, calls: 10 });
    for (let call = 0; call < 5; call += 1) expect(budget.take({ must: true, now: start })).toBe(true);
    expect(granted(budget, { now: start + 500, calls: 10 })).toBe(0);
    expect(granted(budget, { now: start + 1_000, calls: 10 })).toBe(5);
  });

  it('owes a second of calls at most', () => {
    const budget = new CallBudget(10);
    for (let call = 0; call < 1_000; call += 1) budget.take({ must: true, now: start });
    expect(granted(budget, { now: start + 2_000, calls: 50 })).toBe(10);
  });
});
