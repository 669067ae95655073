import { beforeEach, describe, expect, it } from '@jest/globals';
import { type UnderWay, createUnderWay } from '../../activities/frame/under-way.js';
import type { AttemptUnderWay } from '../../store/attempts.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

/** The table, as far as one worker sees it. */
let table: Map<Uint8Array, string>;
let writes: number;
let away: boolean;
let complaints: unknown[];
let underWay: UnderWay;

const attempt = (activity: string): AttemptUnderWay => ({
  jobId: 'job-1',
  runId: 'run-1',
  activity,
  attempt: 1,
  taskToken: Buffer.from(activity),
});

beforeEach(() => {
  table = new Map();
  writes = 0;
  away = false;
  complaints = [];
  const write = (work: () => void) => {
    writes += 1;
    if (away) throw new Error('the database is away');
    work();
  };
  underWay = createUnderWay({
    worker: 7,
    attempts: {
      note: async (_, { begun, ended }) =>
        write(() => {
          for (const token of ended) table.delete(token);
          for (const { taskToken, activity } of begun) table.set(taskToken, activity);
        }),
      forget: async () => write(() => table.clear()),
    },
    onError: (error) => void complaints.push(error),
  });
});

const untilNoted = (...activities: string[]) =>
  until(() => JSON.stringify([...table.values()].toSorted()) === JSON.stringify(activities), {
    what: `what is noted is ${activities.join(', ')}`,
  });

describe('what a worker is doing', () => {
  it('is noted while it lasts, and no more after that', async () => {
    underWay.stand();
    const ends = [underWay.begin(attempt('extract')), underWay.begin(attempt('save'))];
    await untilNoted('extract', 'save');
    ends[0]?.();
    await untilNoted('save');
    await underWay.close();
    expect(table.size).toBe(0);
  });

  it('is not noted before the database knows that the worker lives', async () => {
    underWay.begin(attempt('extract'));
    await underWay.close();
    expect(writes).toBe(1);
    expect(table.size).toBe(0);
  });

  it('is taken back when the session is lost, and noted again when it is back', async () => {
    underWay.stand();
    const end = underWay.begin(attempt('extract'));
    await untilNoted('extract');
    underWay.fall();
    await untilNoted();
    const other = underWay.begin(attempt('save'));
    end();
    underWay.stand();
    await untilNoted('save');
    other();
    await untilNoted();
    await underWay.close();
    expect(complaints).toEqual([]);
  });

  it('is noted when the database is back, of whose absence it complains once', async () => {
    away = true;
    underWay.stand();
    underWay.begin(attempt('extract'));
    await until(() => writes > 2, { what: 'it has been tried again' });
    away = false;
    await untilNoted('extract');
    expect(complaints).toHaveLength(1);
    await underWay.close();
  });
});

failOnLeftovers();
