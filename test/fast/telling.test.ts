import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { createTell } from '../../scripts/local/telling.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function tellTo({ isTTY }: { isTTY: boolean }) {
  const written: string[] = [];
  const output = { isTTY, columns: 40, write: (text: string) => written.push(text) > 0 };
  return { tell: createTell(output), text: () => written.join('') };
}

it('where it cannot be written over, what takes long is one line all the same', () => {
  const { tell, text } = tellTo({ isTTY: false });
  tell('Building', Date.now());
  jest.advanceTimersByTime(40_000);
  tell('Built.');
  jest.advanceTimersByTime(40_000);
  expect(text()).toBe('Building ... 15 s ... 30 s ...\nBuilt.\n');
});

it('on a terminal the line counts every second, and is never wrapped', () => {
  const { tell, text } = tellTo({ isTTY: true });
  tell('Building what has a name that is much too long', Date.now());
  jest.advanceTimersByTime(3_000);
  tell('Building', Date.now());
  jest.advanceTimersByTime(2_000);
  tell('Built.');
  const lines = text().split('\n');
  expect(lines).toHaveLength(4);
  const drawn = lines[1]?.split('\u001B[K').filter(Boolean);
  expect(drawn).toEqual(['\rBuilding: 0 s', '\rBuilding: 1 s', '\rBuilding: 2 s']);
  expect(lines[0]?.split('\r').every((one) => one.replace('\u001B[K', '').length < 40)).toBe(true);
});
