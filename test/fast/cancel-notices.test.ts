import { describe, expect, it } from '@jest/globals';
import { createCancelNotices } from '../../activities/cancel-notices.js';

describe('a notice of a cancel', () => {
  it('stops every running step of its run, and of no other', () => {
    const notices = createCancelNotices();
    const [first, second, other] = [notices.watch('run-1'), notices.watch('run-1'), notices.watch('run-2')];
    notices.hear('job_1 run-1');
    expect([first, second, other].map(({ signal }) => signal.aborted)).toEqual([true, true, false]);
    expect(first.signal.reason).toMatchObject({ name: 'CancelledFailure', message: 'CANCELLED' });
  });

  it('stops a step that starts a moment after it', () => {
    const notices = createCancelNotices();
    notices.hear('job_1 run-1');
    expect(notices.watch('run-1').signal.aborted).toBe(true);
    expect(notices.watch('run-2').signal.aborted).toBe(false);
  });

  it('does nothing to a step that has ended', () => {
    const notices = createCancelNotices();
    const ended = notices.watch('run-1');
    const running = notices.watch('run-1');
    ended.end();
    notices.hear('job_1 run-1');
    expect([ended, running].map(({ signal }) => signal.aborted)).toEqual([false, true]);
  });

  it.each(['', 'job_1', 'job_1 ', ' '])('that is garbage (%j) stops nothing', (payload) => {
    const notices = createCancelNotices();
    const { signal } = notices.watch('run-1');
    notices.hear(payload);
    expect(signal.aborted).toBe(false);
  });
});
