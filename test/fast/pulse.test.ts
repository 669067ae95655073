import { describe, expect, it } from '@jest/globals';
import { Pulse } from '../../src/pulse.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const limitMs = 60_000;
const times = { doubtMs: 60, probeMs: 100, againMs: 20 };

const never = () => new Promise<never>(() => undefined);

/** A server that is probed, and says what it says. */
function serverThat(probe: () => Promise<unknown>) {
  const probes: number[] = [];
  const pulse = new Pulse({
    ...times,
    probe: () => {
      probes.push(performance.now());
      return probe();
    },
  });
  return { pulse, probes };
}

const timed = async (work: Promise<unknown>) => {
  const from = performance.now();
  const failed = await work.then(
    () => false,
    () => true,
  );
  return { failed, ms: performance.now() - from };
};

describe('a server', () => {
  it('that answers nobody is given up soon, and sooner by who asks next', async () => {
    const { pulse, probes } = serverThat(never);
    const first = await timed(pulse.wait(limitMs, never()));
    expect(first.failed).toBe(true);
    expect(first.ms).toBeGreaterThanOrEqual(times.doubtMs + times.probeMs - 5);
    expect(first.ms).toBeLessThan(limitMs / 10);
    expect(pulse.silent).toBe(true);
    expect(probes).toHaveLength(1);
    // One that looks late may be late itself.
    await until(async () => (await timed(pulse.wait(limitMs, never()))).ms < times.probeMs, {
      what: 'the next is given up sooner',
    });
  });

  it('that is slow with this and quick with others is waited for', async () => {
    const { pulse, probes } = serverThat(() => Promise.resolve());
    const slow = Promise.withResolvers<string>();
    const waited = pulse.wait(limitMs, slow.promise);
    await until(() => probes.length >= 5, { what: 'it was asked whether it lives, and said so' });
    slow.resolve('at last');
    expect(await waited).toBe('at last');
    expect(pulse.silent).toBe(false);
  });

  it('is asked whether it lives only when it has answered nobody for a while', async () => {
    const probesOf = async () => {
      const { pulse, probes } = serverThat(() => Promise.resolve());
      const answers = setInterval(() => pulse.answered(), 1);
      const slow = Promise.withResolvers<void>();
      const waited = pulse.wait(limitMs, slow.promise);
      let turns = 0;
      await until(() => (turns += 1) > 20, { what: 'some time has passed' });
      slow.resolve();
      await waited;
      clearInterval(answers);
      return probes.length < 3 && probes;
    };
    // A machine that pauses for longer than the doubt lasts makes one of it, and a busy one pauses often.
    expect((await until(probesOf, { what: 'it is asked seldom' })).length).toBeLessThan(3);
  });

  it('is given up after the limit although it answers others', async () => {
    const { pulse } = serverThat(() => Promise.resolve());
    expect((await timed(pulse.wait(300, never()))).failed).toBe(true);
    expect(pulse.silent).toBe(false);
  });

  it('whose probes fail at once is given up all the same', async () => {
    const { pulse } = serverThat(() => Promise.reject(new Error('refused')));
    expect((await timed(pulse.wait(limitMs, never()))).ms).toBeLessThan(limitMs / 10);
    expect(pulse.silent).toBe(true);
  });

  it('that was given up is waited for again once it has answered', async () => {
    let probe: () => Promise<unknown> = never;
    const { pulse } = serverThat(() => probe());
    await timed(pulse.wait(limitMs, never()));
    expect(pulse.silent).toBe(true);
    probe = () => Promise.resolve();
    pulse.answered();
    expect(pulse.silent).toBe(false);
    const late = new Promise((resolve) => setTimeout(resolve, 3 * (times.doubtMs + times.probeMs), 'late'));
    expect(await pulse.wait(limitMs, late)).toBe('late');
  });
});

failOnLeftovers();
