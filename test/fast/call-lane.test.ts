import { describe, expect, it } from '@jest/globals';
import { CallLane } from '../../src/temporal/call-lane.js';
import { until } from '../harness/until.js';

const patient = { limitMs: 60_000 };

const turns = async () => {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
};

/** Calls that last until they are told to end, through a lane for two. */
function laneForTwo(calls: number) {
  const lane = new CallLane(2);
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

  it('tells a call how much of its time is left, and one whose turn comes too late that there is none', async () => {
    const lane = new CallLane(1);
    const first = Promise.withResolvers<void>();
    const asked = Date.now();
    const left = { first: 0, patient: 0, late: -1 };
    const calls = [
      lane.through((leftMs) => ((left.first = leftMs), first.promise), patient),
      lane.through(async (leftMs) => void (left.patient = leftMs), patient),
      lane.through(async (leftMs) => void (left.late = leftMs), { limitMs: 100 }),
    ];
    await until(() => Date.now() - asked > 100, { what: 'the time of the last one is over', everyMs: 10 });
    first.resolve();
    await Promise.all(calls);
    expect(left.first).toBeGreaterThan(59_000);
    expect(left.patient).toBeLessThan(left.first);
    expect(left.late).toBe(0);
  });
});
