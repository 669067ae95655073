import { describe, expect, it } from '@jest/globals';
import { LaneWidth } from '../../src/temporal/lane-width.js';

const widths = { least: 4, first: 24, most: 96 };

/** After so many rounds of as many calls as there may be. */
function after(rounds: number, call: (width: LaneWidth) => void): number {
  const width = new LaneWidth(widths);
  for (let round = 0; round < rounds; round += 1) {
    for (let calls = width.calls; calls > 0; calls -= 1) call(width);
  }
  return width.calls;
}

describe('the width of a lane', () => {
  it('grows by one each time a whole lane was answered quickly, up to a limit', () => {
    expect(after(10, (width) => width.answered(20, true))).toBeGreaterThanOrEqual(33);
    expect(after(200, (width) => width.answered(20, true))).toBe(widths.most);
  });

  it('stays as it is while there are fewer calls than may be', () => {
    expect(after(200, (width) => width.answered(20, false))).toBe(widths.first);
  });

  it('stays as it is between quick and slow', () => {
    expect(after(200, (width) => width.answered(200, true))).toBe(widths.first);
  });

  it('shrinks by a fifth when a whole lane was slow, down to a limit', () => {
    expect(after(1, (width) => width.answered(900, true))).toBe(19);
    expect(after(200, (width) => width.answered(900, false))).toBe(widths.least);
  });

  it('shrinks faster when calls are refused or not answered', () => {
    expect(after(1, (width) => width.refused())).toBe(12);
    expect(after(200, (width) => width.refused())).toBe(widths.least);
  });
});
