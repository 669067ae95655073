import { describe, expect, it } from '@jest/globals';
import {
  ActivityFailure,
  ApplicationFailure,
  RetryState,
  TimeoutFailure,
  TimeoutType,
} from '@temporalio/common';
import { toApplicationFailure, toFailure } from '../../activities/frame/classify.js';
import { StepFailure } from '../../activities/frame/step-failure.js';
import { type FailureCode, failures } from '../../job-types/contract/failures.js';
import { ReceiptVoided } from '../../store/receipts.js';
import { Failure } from '../../job-types/contract/failure.js';
import { ownFailure, toFailure as toJobFailure } from '../../workflows/frame/failure.js';

const codes = Object.keys(failures) as FailureCode[];
const name = { step: 'extract', attempt: 2 };

describe.each(codes)('the failure %s', (code) => {
  const row = failures[code];

  it('is written for people', () => {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(row.title).toMatch(/^[A-Z].*[^.]$/);
    expect(row.advice).toMatch(/^[A-Z].*\.$/);
    expect(row.status).toBeGreaterThanOrEqual(400);
    expect(row.status).toBeLessThan(600);
  });

  it('reaches the job and Temporal as its row says', () => {
    const failure = toFailure(new StepFailure(code, 'It broke.'), name);
    expect(() => Failure.parse(failure)).not.toThrow();
    expect(failure).toMatchObject({
      type: `/problems/${code}`,
      code,
      title: row.title,
      status: row.status,
      retryable: row.retryable,
      ...name,
    });
    const again = row.retryable ? 'It is tried again.' : 'It is not tried again.';
    expect(failure.detail).toBe(`It broke. ${again} ${row.advice}`);

    const told = toApplicationFailure(new StepFailure(code, 'It broke.'), name);
    expect(told).toMatchObject({
      type: code,
      nonRetryable: !row.retryable,
      message: failure.detail,
      details: [failure],
    });
  });

  it('is final when it is thrown as final', () => {
    const told = toApplicationFailure(new StepFailure(code, 'It broke.', { final: true }), name);
    expect(told.nonRetryable).toBe(true);
    expect(told.details?.[0]).toMatchObject({ retryable: false });
    expect(told.message).toContain('It is not tried again.');
  });
});

describe('what an attempt throws', () => {
  const withCode = (code: string, message = 'said PostgreSQL') =>
    Object.assign(new Error(message), { code, severity: 'ERROR' });
  const network = (code: string) => Object.assign(new Error(`connect ${code}`), { code });

  it.each<[string, unknown]>([
    ['a refused connection', network('ECONNREFUSED')],
    ['a broken connection', network('ECONNRESET')],
    ['several addresses that all refuse', new AggregateError([network('ECONNREFUSED')])],
    ['a connection that was ended', new Error('Connection terminated unexpectedly')],
    ['a pool that gets no connection', new Error('timeout exceeded when trying to connect')],
    ['a server that does not answer', new Error('Query read timeout')],
    ['a server that shuts down', withCode('57P01')],
    ['a server that starts up', withCode('57P03')],
    ['too many connections', withCode('53300')],
    ['a deadlock', withCode('40P01')],
    ['a server that became a standby', withCode('25006')],
    ['a statement that took longer than its limit', withCode('57014')],
    ['a lock that was not to be had', withCode('55P03')],
  ])('is tried again after %s', (_, error) => {
    const told = toApplicationFailure(error, name);
    expect(told).toMatchObject({ type: 'storage-unavailable', nonRetryable: false });
    expect(told.message).not.toContain('said PostgreSQL');
  });

  it('is tried again after a full disk, which it names', () => {
    const told = toApplicationFailure(withCode('53100'), name);
    expect(told).toMatchObject({ type: 'storage-full', nonRetryable: false });
    expect(told.message).not.toContain('said PostgreSQL');
  });

  it.each<[string, unknown]>([
    ['a row that must not be there twice', withCode('23505')],
    ['a text it cannot store', withCode('22021')],
    ['a table that is missing', withCode('42P01')],
    ['a password', withCode('28P01')],
    ['a step that was given up', new ReceiptVoided('run 1 gave it up')],
  ])('is final when the database refuses %s', (_, error) => {
    const told = toApplicationFailure(error, name);
    expect(told).toMatchObject({ type: 'storage-refused', nonRetryable: true });
  });

  it.each([1, 2, 3, 4])('is tried again when it is unexpected (attempt %i)', (attempt) => {
    const told = toApplicationFailure(new TypeError('x is not a function'), { ...name, attempt });
    expect(told).toMatchObject({ type: 'internal-error', nonRetryable: false });
    expect(told.message).toContain('TypeError: x is not a function');
  });

  it('is a fault in the code when it is unexpected for the fifth time', () => {
    const told = toApplicationFailure(new TypeError('no'), { ...name, attempt: 5 });
    expect(told).toMatchObject({ type: 'internal-error', nonRetryable: true });
  });

  it('may be anything', () => {
    for (const thrown of ['a text', undefined, null, { a: 1 }]) {
      expect(toApplicationFailure(thrown, name)).toMatchObject({ type: 'internal-error' });
    }
  });

  it('waits for as long as the provider asked', () => {
    const error = new StepFailure('provider-rate-limited', 'Slow down.', { retryAfter: 17 });
    const told = toApplicationFailure(error, name);
    expect(told.nextRetryDelay).toBe(17_000);
    expect(told.details?.[0]).toMatchObject({ retryAfter: 17 });
  });

  it('cannot fill a history', () => {
    const told = toApplicationFailure(new StepFailure('no-article', 'x'.repeat(100_000)), name);
    expect(told.message.length).toBeLessThan(2_000);
    expect(toApplicationFailure(new Error('y'.repeat(100_000)), name).message.length).toBeLessThan(2_000);
  });
});

describe('the failure of a job', () => {
  it.each(['job-timed-out', 'input-timed-out', 'workflow-error'] as const)(
    '%s is as the table of failures says when the workflow itself gives it',
    (code) => {
      const { title, status, advice } = failures[code];
      const failure = ownFailure(code, { detail: 'It broke.' });
      expect(failure).toMatchObject({ code, title, status, retryable: false });
      expect(failure.detail).toBe(`It broke. ${advice}`);
    },
  );

  const attempt = (code: FailureCode) => toApplicationFailure(new StepFailure(code, 'It broke.'), name);
  const ofActivity = (cause: Error, retryState: RetryState = RetryState.NON_RETRYABLE_FAILURE) =>
    new ActivityFailure('Activity task failed', 'extractWords', 'extract', retryState, 'worker', cause);

  it('is the one its step ended with', () => {
    expect(toJobFailure(ofActivity(attempt('no-article')), 'fetch')).toEqual(
      toFailure(new StepFailure('no-article', 'It broke.'), name),
    );
  });

  it('says that nothing is tried again, and nothing else, when the time for a failing step is up', () => {
    const { code, retryable, detail } = toJobFailure(
      ofActivity(attempt('provider-unavailable'), RetryState.TIMEOUT),
      'extract',
    );
    expect({ code, retryable }).toEqual({ code: 'provider-unavailable', retryable: false });
    expect(detail).toContain('not tried again');
    expect(detail).not.toContain('It is tried again');
  });

  it('names what held a step up whose time is up', () => {
    const timeout = Object.assign(new TimeoutFailure('', undefined, TimeoutType.SCHEDULE_TO_CLOSE), {
      cause: attempt('provider-unavailable'),
    });
    const failure = toJobFailure(ofActivity(timeout, RetryState.TIMEOUT), 'extract');
    expect(failure).toMatchObject({ code: 'step-timed-out', retryable: false, step: 'extract' });
    expect(failure.detail).toContain('It broke.');
    expect(failure.detail).not.toContain('It is tried again');
  });

  it('is a lost worker when the last heartbeat is missing', () => {
    const timeout = new TimeoutFailure('', undefined, TimeoutType.HEARTBEAT);
    expect(toJobFailure(ofActivity(timeout, RetryState.TIMEOUT), 'extract')).toMatchObject({
      code: 'worker-lost',
      retryable: false,
    });
  });

  it.each<[string, unknown]>([
    ['a plain error', new TypeError('x is undefined')],
    ['something that is no error', 'x is undefined'],
    ['a failure without a detail of ours', ApplicationFailure.nonRetryable('x is undefined')],
  ])('is workflow-error for %s', (_, thrown) => {
    const failure = toJobFailure(thrown);
    expect(failure).toMatchObject({ code: 'workflow-error', status: 500, retryable: false });
    expect(failure.detail).toContain('x is undefined');
  });
});
