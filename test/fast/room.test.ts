import { afterEach, expect, it, jest } from '@jest/globals';
import { createRoom } from '../../activities/room.js';
import { HeldTooLong } from '../../activities/frame/over-budget.js';

afterEach(() => void jest.useRealTimers());

const never = new AbortController().signal;

/** Work that is in until it is let out. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, letOut: resolve };
}

it('who waits too long for room that others hold goes, and is none of those who wait any more', async () => {
  const room = createRoom(10, 30);
  const [first, third] = [held(), held()];
  const one = room.within({ size: 8, signal: never }, first.work);
  await expect(room.within({ size: 8, signal: never }, async () => 'let in')).rejects.toThrow(HeldTooLong);
  first.letOut();
  await one;
  // If the place of the one that went were still taken, this one would wait behind it.
  const two = room.within({ size: 8, signal: never }, third.work);
  third.letOut();
  await two;
});

it('who is let in in time is not told later that it waited too long', async () => {
  jest.useFakeTimers();
  const room = createRoom(10, 30);
  const first = held();
  const one = room.within({ size: 8, signal: never }, first.work);
  const two = room.within({ size: 8, signal: never }, async () => {
    jest.advanceTimersByTime(60);
    return 'done';
  });
  first.letOut();
  await one;
  expect(await two).toBe('done');
});

it('who is cancelled while it waits says so at once', async () => {
  const room = createRoom(10);
  const first = held();
  const one = room.within({ size: 8, signal: never }, first.work);
  const cancel = new AbortController();
  const two = room.within({ size: 8, signal: cancel.signal }, async () => 'let in');
  cancel.abort(new Error('cancelled'));
  await expect(two).rejects.toThrow('cancelled');
  first.letOut();
  await one;
});
