import { PassThrough } from 'node:stream';
import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { incoming } from '../../src/files/incoming.js';
import { Problem } from '../../src/problems/problems.js';

const limits = {
  mostBytes: 1_000_000,
  stallMs: 30_000,
  leastRate: 1_000,
  tooLarge: () => new Problem('file-too-large', 'It is too large.'),
};

describe('an upload', () => {
  beforeEach(() => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate', 'queueMicrotask'] });
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** Sends so many bytes a second, for so many seconds. @returns what it fails with; null when it does not */
  async function sent(rate: (second: number) => number, { seconds }: { seconds: number }) {
    const raw = Object.assign(new PassThrough(), { complete: false });
    const { bytes, leave } = incoming(raw as unknown as IncomingMessage, limits);
    const failures: unknown[] = [];
    bytes.on('error', (error) => failures.push(error));
    bytes.resume();
    for (let second = 0; second < seconds && failures.length === 0; second += 1) {
      const count = rate(second);
      if (count > 0) raw.write(Buffer.alloc(count));
      await new Promise((resolve) => setImmediate(resolve));
      jest.advanceTimersByTime(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    leave();
    raw.destroy();
    return failures[0] ?? null;
  }

  it.each<[string, (second: number) => number]>([
    ['that flows slowly for minutes', () => 1_200],
    ['that comes in gusts', (second) => (second % 20 === 0 ? 30_000 : 0)],
  ])('%s is taken', async (_, rate) => {
    expect(await sent(rate, { seconds: 600 })).toBeNull();
  });

  it.each<[string, (second: number) => number, string]>([
    ['that stands still', () => 0, 'stood still for 30 s'],
    [
      'that brings a byte each 30 s',
      (second) => (second % 30 === 0 ? 1 : 0),
      'less than 1000 bytes a second',
    ],
    ['that begins to trickle', (second) => (second < 100 ? 2_000 : 10), 'less than 1000 bytes a second'],
  ])('%s ends', async (_, rate, said) => {
    const failure = await sent(rate, { seconds: 600 });
    expect(failure).toMatchObject({ code: 'request-timed-out', message: expect.stringContaining(said) });
  });
});
