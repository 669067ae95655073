import { expect, it, jest } from '@jest/globals';
import { StateLog } from '../../src/health/state-log.js';

it('says since when a state holds, and is not moved by looks that tell the same or nothing', () => {
  jest.useFakeTimers({ now: 0 });
  const log = new StateLog<'database'>();
  const at = (ms: number, state: 'up' | 'down' | 'unknown') => {
    jest.setSystemTime(ms);
    log.note('database', state);
    return log.since('database');
  };
  expect(log.since('database')).toBeNull();
  const first = at(1_000, 'up');
  expect(first).toBe('1970-01-01T00:00:01.000Z');
  expect([at(2_000, 'up'), at(3_000, 'unknown'), at(4_000, 'up')]).toEqual([first, first, first]);
  expect(at(5_000, 'down')).toBe('1970-01-01T00:00:05.000Z');
  jest.useRealTimers();
});
