import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { CallLane } from '../../src/temporal/call-lane.js';
import { LaneWidth } from '../../src/temporal/lane-width.js';
import { until } from '../harness/until.js';

/** Milliseconds for the turn and the call. */
const within = (limitMs: number) => {
  const end = performance.now() + limitMs;
  return { limitMs, leftMs: () => end - performance.now() };
};
const patient = within(60_000);

const laneFor = (calls: number) => new CallLane(new LaneWidth({ least: 1, first: calls, most: calls }));

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** Calls that last until they are told to end, through a lane for two. */
function laneForTwo(calls: number) {
  const lane = laneFor(2);
  const begun: number[] = [];
  const under = Array.from({ length: calls }, () => Promise.withResolvers<number>());
  const results = under.map(({ promise }, call) =>
    lane.through(() => {
      begun.push(call);
      return promise;
    }, patient),
  );
  return { lane, begun, under, results };
}

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a lane of calls', () => {
  it('lets in so many at a time, the others in the order in which they came', async () => {
    const { lane, begun, under, results } = laneForTwo(5);
    expect(begun).toEqual([0, 1]);
    expect(lane.full).toBe(true);
    under[1]?.resolve(1);
    await turns();
    expect(begun).toEqual([0, 1, 2]);
    for (const [call, { resolve }] of under.entries()) resolve(call);
    expect(await Promise.all(results)).toEqual([0, 1, 2, 3, 4]);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    expect(lane.full).toBe(false);
  });

  it('gives the place of a call that fails to the next', async () => {
    const { lane, begun, under, results } = laneForTwo(3);
    under[0]?.reject(new Error('no'));
    await expect(results[0]).rejects.toThrow('no');
    await turns();
    expect(begun).toEqual([0, 1, 2]);
    under[1]?.resolve(1);
    under[2]?.resolve(2);
    await Promise.all(results.slice(1));
    expect(lane.full).toBe(false);
  });

  it('does not let a newcomer pass those who wait', async () => {
    const { lane, begun, under, results } = laneForTwo(3);
    under[0]?.resolve(0);
    const late = lane.through(async () => void begun.push(3), patient);
    await turns();
    expect(begun).toEqual([0, 1, 2]);
    under[1]?.resolve(1);
    under[2]?.resolve(2);
    await Promise.all([...results, late]);
    expect(begun).toEqual([0, 1, 2, 3]);
  });

  it('tells a call how much of its time is left', async () => {
    const lane = laneFor(1);
    const first = Promise.withResolvers<void>();
    const asked = performance.now();
    const minute = within(60_000);
    const left = { first: 0, patient: 0 };
    const calls = [
      lane.through((leftMs) => ((left.first = leftMs), first.promise), minute),
      lane.through(async (leftMs) => void (left.patient = leftMs), minute),
    ];
    const latestMs = performance.now() - asked;
    await until(() => performance.now() - asked > latestMs + 100, {
      what: 'some time has passed',
      everyMs: 10,
    });
    first.resolve();
    await Promise.all(calls);
    expect(left.first).toBeGreaterThanOrEqual(60_000 - latestMs);
    expect(left.patient).toBeLessThan(left.first);
  });

  it('tells a call whose turn does not come in time at once, and lets nobody wait for its place', async () => {
    const lane = laneFor(1);
    const first = Promise.withResolvers<void>();
    const begun: number[] = [];
    const held = lane.through(() => first.promise, patient);
    const late = lane.through(async (leftMs) => leftMs, within(100));
    const next = lane.through(async () => void begun.push(2), patient);
    expect(await late).toBe(0);
    expect(begun).toEqual([]);
    first.resolve();
    await Promise.all([held, next]);
    expect(begun).toEqual([2]);
    expect(lane.full).toBe(false);
  });

  it('that moves is waited for, and one that stands still is given up', async () => {
    let now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
    const waiting = { limitMs: 1_000, leftMs: () => 1_000 - now, stillMs: 30 };
    const crowd = (answered: Promise<unknown>[]) => {
      const lane = laneFor(1);
      const under = answered.map((answer) => lane.through(() => answer, waiting));
      return { last: lane.through(async (leftMs) => leftMs, waiting), under };
    };
    const [first, second, never] = [1, 2, 3].map(() => Promise.withResolvers<void>());
    if (!first || !second || !never) throw new Error('there are three');
    const moving = crowd([first.promise, second.promise]);
    const still = crowd([never.promise]);
    now = 20;
    first.resolve();
    await moving.under[0];
    // Both lasts have waited for longer than a line may stand still.
    now = 40;
    expect(await still.last).toBe(0);
    second.resolve();
    expect(await moving.last).toBe(960);
    never.resolve();
    await Promise.all([...moving.under, ...still.under]);
  });

  it('lets more in when it has become wider, and fewer when it has become narrower', async () => {
    let calls = 2;
    const width = new LaneWidth({ least: 1, first: 2, most: 9 });
    Object.defineProperty(width, 'calls', { get: () => calls });
    const lane = new CallLane(width);
    const begun: number[] = [];
    const under = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
    const results = under.map(({ promise }, call) =>
      lane.through(() => (begun.push(call), promise), patient),
    );
    expect(begun).toEqual([0, 1]);
    calls = 4;
    under[0]?.resolve();
    await turns();
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    calls = 1;
    for (const call of [1, 2, 3]) under[call]?.resolve();
    await turns();
    expect(begun).toEqual([0, 1, 2, 3, 4]);
    under[4]?.resolve();
    await turns();
    expect(begun).toEqual([0, 1, 2, 3, 4, 5]);
    under[5]?.resolve();
    await Promise.all(results);
    expect(lane.full).toBe(false);
  });
});
