import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createEventWriter } from '../../activities/frame/event-writer.js';
import type { Events, NewEvent } from '../../store/events.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** A log in memory. */
function openLog() {
  const inserts: { batch: readonly NewEvent[] }[] = [];
  let failing = 0;
  const events = {
    append: async (_: string, batch: readonly NewEvent[]) => {
      if (failing > 0) {
        failing -= 1;
        throw Object.assign(new Error('no connection'), { code: 'ECONNREFUSED' });
      }
      inserts.push({ batch: [...batch] });
      return null;
    },
    announce: async () => undefined,
  };
  const writer = createEventWriter(events as unknown as Events, { onError: () => undefined });
  let count = 0;
  const write = (type: NewEvent['type'], data: Record<string, unknown> = {}, jobId = 'job') =>
    writer.write(jobId, {
      key: `${(count += 1)}`,
      type,
      time: '2026-01-01T00:00:00.000Z',
      step: 'extract',
      attempt: 1,
      scope: 'run/extract',
      data,
    });
  const text = () =>
    inserts
      .flatMap(({ batch }) => batch)
      .map(({ data }) => (typeof data?.['text'] === 'string' ? data['text'] : ''))
      .join('');
  return { inserts, writer, write, text, fail: (times: number) => void (failing = times) };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('the log of what a model says', () => {
  it('has a row for a tenth of a second, not one for each token', async () => {
    const { inserts, writer, write, text } = openLog();
    for (let n = 0; n < 100; n += 1) {
      write('output.delta', { text: `${n} ` });
      await jest.advanceTimersByTimeAsync(10);
    }
    await writer.flush('job');
    expect(inserts.length).toBeGreaterThanOrEqual(9);
    expect(inserts.length).toBeLessThanOrEqual(11);
    expect(inserts.every(({ batch }) => batch.length === 1)).toBe(true);
    expect(text()).toBe(Array.from({ length: 100 }, (_, n) => `${n} `).join(''));
    await writer.close();
  });

  it('has the first words at once, and those behind them after a tenth of a second', async () => {
    const { inserts, writer, write, text } = openLog();
    write('output.delta', { text: 'a' });
    await jest.advanceTimersByTimeAsync(10);
    expect(text()).toBe('a');
    write('output.delta', { text: 'b' });
    await jest.advanceTimersByTimeAsync(50);
    expect(inserts).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(50);
    expect(text()).toBe('ab');
    await jest.advanceTimersByTimeAsync(200);
    write('output.delta', { text: 'c' });
    await jest.advanceTimersByTimeAsync(10);
    expect(text()).toBe('abc');
    await writer.close();
  });

  it('counts what it thinks apart from what it says', async () => {
    const { inserts, writer, write } = openLog();
    for (const characters of [3, 4]) write('output.reasoning', { characters });
    for (const text of ['a', 'b']) write('output.delta', { text });
    await writer.flush('job');
    const told = inserts.flatMap(({ batch }) => batch).map(({ type, data }) => ({ type, data }));
    expect(told).toEqual([
      { type: 'output.reasoning', data: { characters: 7 } },
      { type: 'output.delta', data: { text: 'ab' } },
    ]);
    await writer.close();
  });

  it('has no more rows a second for two hundred that speak than for forty', async () => {
    const { inserts, writer, write } = openLog();
    for (let at = 0; at < 4_000; at += 20) {
      for (let speaker = 0; speaker < 200; speaker += 1)
        write('output.delta', { text: 'a' }, `job-${speaker}`);
      await jest.advanceTimersByTimeAsync(20);
    }
    expect(inserts.length).toBeGreaterThan(1_000);
    expect(inserts.length).toBeLessThanOrEqual(200 + 4 * 400);
    await writer.close();
  });

  it('has all else as soon as it happens, with the text before it', async () => {
    const { inserts, writer, write } = openLog();
    write('output.delta', { text: 'a' });
    await jest.advanceTimersByTimeAsync(10);
    write('output.delta', { text: 'b' });
    await jest.advanceTimersByTimeAsync(50);
    expect(inserts).toHaveLength(1);
    write('step.failed');
    await jest.advanceTimersByTimeAsync(10);
    expect(inserts[1]?.batch.map(({ type }) => type)).toEqual(['output.delta', 'step.failed']);
    await writer.close();
  });

  it('is not tried again sooner because of what comes while the database is away', async () => {
    const { inserts, writer, write, fail, text } = openLog();
    fail(1);
    write('output.delta', { text: 'a' });
    await writer.flush('job');
    write('output.delta', { text: 'b' });
    write('job.progress');
    await jest.advanceTimersByTimeAsync(900);
    expect(inserts).toEqual([]);
    await jest.advanceTimersByTimeAsync(100);
    expect(text()).toBe('ab');
    await writer.close();
  });
});

failOnLeftovers();
