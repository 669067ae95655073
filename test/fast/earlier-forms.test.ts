import { describe, expect, it } from '@jest/globals';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import { type Stored, snapshotOf, waitsOf } from '../../src/reading/earlier-forms.js';

const expiresAt = '2026-11-27T12:00:00.000Z';
const rest = { startedAt: null, steps: [], usage: null, output: null };

describe('what a job waits for', () => {
  it('is as it was written where several could be open', () => {
    const waits = [
      { id: 'review', name: 'review', expiresAt },
      { id: 'review~2', name: 'review', expiresAt },
    ];
    expect(waitsOf(waits)).toEqual(waits);
    expect(waitsOf([])).toEqual([]);
  });

  it('is one, with its name for an id, where it was written alone', () => {
    expect(waitsOf({ name: 'review', expiresAt })).toEqual([{ id: 'review', name: 'review', expiresAt }]);
  });

  it.each([null, undefined])('is nothing where %p was written', (stored) => {
    expect(waitsOf(stored)).toEqual([]);
  });
});

describe('a snapshot', () => {
  it('of a worker that knew one wait and no answers is read as one of today', () => {
    const stored = { ...rest, waitingFor: { name: 'review', expiresAt, data: { words: [] } } };
    expect(snapshotOf<JobSnapshot>(stored)).toEqual({
      ...rest,
      waitingFor: [{ id: 'review', name: 'review', expiresAt, data: { words: [] } }],
      answers: [],
    });
    expect(snapshotOf<JobSnapshot>({ ...rest, waitingFor: null })).toMatchObject({
      waitingFor: [],
      answers: [],
    });
  });

  it('of today stays as it is', () => {
    const today: Stored<JobSnapshot> = {
      ...rest,
      waitingFor: [],
      answers: [{ id: 'review', name: 'review', answeredAt: expiresAt, answeredBy: 'k1' }],
    };
    expect(snapshotOf<JobSnapshot>(today)).toEqual(today);
  });
});
