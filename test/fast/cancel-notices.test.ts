import { describe, expect, it } from '@jest/globals';
import { createCancelNotices } from '../../activities/frame/cancel-notices.js';
import { until } from '../harness/until.js';

/** With nothing to be found by looking. */
const heardOnly = () =>
  createCancelNotices({
    announced: async () => [],
    onError(error) {
      throw error;
    },
  });

describe('a notice of a cancel', () => {
  it('stops every running step of its run, and of no other', () => {
    const notices = heardOnly();
    const [first, second, other] = [notices.watch('run-1'), notices.watch('run-1'), notices.watch('run-2')];
    notices.hear('job_1 run-1');
    expect([first, second, other].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect(first.signal.reason).toMatchObject({ name: 'CancelledFailure', message: 'CANCELLED' });
  });

  it('stops a step that starts a moment after it', () => {
    const notices = heardOnly();
    notices.hear('job_1 run-1');
    expect(notices.watch('run-1').signal.aborted).toBe(true);
    expect(notices.watch('run-2').signal.aborted).toBe(false);
  });

  it('does nothing to a step that has ended', () => {
    const notices = heardOnly();
    const ended = notices.watch('run-1');
    const running = notices.watch('run-1');
    ended.end();
    notices.hear('job_1 run-1');
    expect([ended, running].map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });

  it.each(['', 'job_1', 'job_1 ', ' '])('that is garbage (%j) stops nothing', (payload) => {
    const notices = heardOnly();
    const { signal } = notices.watch('run-1');
    notices.hear(payload);
    expect(signal.aborted).toBe(false);
  });
});

describe('a notice of a cancel that was not heard', () => {
  it('is found, also after an outage, which is told once, and stops its run alone', async () => {
    const asked: (readonly string[])[] = [];
    const errors: unknown[] = [];
    const notices = createCancelNotices({
      async announced(runIds) {
        asked.push(runIds);
        if (asked.length <= 2) throw new Error('the database is away');
        return ['run-1', 'run-of-another-worker'];
      },
      onError: (error) => errors.push(error),
    });
    const [cancelled, other] = [notices.watch('run-1'), notices.watch('run-2')];
    await until(() => cancelled.signal.aborted, { what: 'the run is stopped' });
    expect(cancelled.signal.reason).toMatchObject({ name: 'CancelledFailure', message: 'CANCELLED' });
    expect(other.signal.aborted).toBe(false);
    expect(asked).toEqual(Array.from({ length: 3 }, () => ['run-1', 'run-2']));
    expect(errors).toMatchObject([{ message: 'the database is away' }]);
    cancelled.end();
    other.end();
  });

  it('is not looked for where nothing runs', async () => {
    let looks = 0;
    const notices = createCancelNotices({
      async announced() {
        looks += 1;
        return [];
      },
      onError(error) {
        throw error;
      },
    });
    notices.watch('run-1').end();
    await notices.look();
    expect(looks).toBe(0);
  });
});
