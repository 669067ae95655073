import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { temporalAddress } from '../../harness/addresses.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { failsFinally, failsOnceThen, firstThen, gate, notYet } from '../../harness/script-acts.js';
import {
  type Script,
  type ScriptedRun,
  type ScriptedWorker,
  createScriptedWorker,
} from '../../harness/scripted-worker.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

const manyLooks = 8;
const concurrencyKey = 'invoice-7';
const allSteps = ['fetch#1', 'extract#1', 'save#1', 'archive#1'];

let worker: ScriptedWorker;

beforeAll(async () => {
  worker = await createScriptedWorker(temporalAddress());
  worker.work();
});
afterAll(() => worker.close());

const start = (script: Script, args: { concurrencyKey?: string; timeout?: number } = { concurrencyKey }) =>
  worker.start('turn', script, args);

/** A job whose turn does not come, in the pause after its first look. */
async function queued(wait = notYet('4 minutes')) {
  const run = await start({ take: () => false, wait });
  await until(() => run.calls.includes('wait#1'), { what: 'the job waits for its turn' });
  return run;
}

async function endOf({ handle, archived, calls }: ScriptedRun) {
  await handle.result().catch(() => undefined);
  const { status, historyLength } = await handle.describe();
  return { execution: status.name, status: archived[0]?.status, calls, historyLength };
}

describe('a job with a concurrency key', () => {
  it('asks whether it holds the key before its first step, within its first task', async () => {
    const [keyed, free] = await Promise.all([start({}), start({}, {})]);
    const [withKey, without] = await Promise.all([endOf(keyed), endOf(free)]);
    expect(withKey).toMatchObject({ status: 'succeeded', calls: ['take#1', ...allSteps] });
    expect(without).toMatchObject({ status: 'succeeded', calls: allSteps });
    expect(withKey.historyLength - without.historyLength).toBe(1);
  });

  it('asks with patience where the first answer cannot be had', async () => {
    const run = await start({
      take: failsFinally('storage-unavailable'),
      wait: failsOnceThen(undefined),
    });
    expect(await endOf(run)).toMatchObject({
      status: 'succeeded',
      calls: ['take#1', 'wait#1', 'wait#2', ...allSteps],
    });
  });

  it('has a history that does not grow while it queues', async () => {
    const script = (looks: number): Script => ({ take: () => false, wait: notYet('1 millisecond', looks) });
    const [once, often] = await Promise.all([start(script(0)), start(script(manyLooks))]);
    const [short, long] = await Promise.all([endOf(once), endOf(often)]);
    expect([short.status, long.status]).toEqual(['succeeded', 'succeeded']);
    expect(long.calls).toContain(`wait#${manyLooks + 1}`);
    expect(long.historyLength).toBe(short.historyLength);
  });

  it('looks at once when it is called', async () => {
    const run = await queued(firstThen(notYet('4 minutes')));
    await run.handle.signal('turn');
    expect(await endOf(run)).toMatchObject({ status: 'succeeded' });
  });

  it('looks again when it is called while it looks', async () => {
    const looking = gate();
    const run = await start({
      take: () => false,
      wait: firstThen(looking.before(notYet('4 minutes'))),
    });
    await looking.reached;
    await run.handle.signal('turn');
    looking.open();
    expect(await endOf(run)).toMatchObject({ status: 'succeeded' });
  });

  it('survives being called for nothing, many times', async () => {
    let isTurn = false;
    const run = await queued((...look) => (isTurn ? undefined : notYet('4 minutes')(...look)));
    await Promise.all(Array.from({ length: 200 }, () => run.handle.signal('turn')));
    isTurn = true;
    await run.handle.signal('turn');
    expect(await endOf(run)).toMatchObject({ status: 'succeeded' });
  });

  it.each([
    ['between two looks', async () => ({ run: await queued(), look: () => undefined })],
    [
      'while it looks',
      async () => {
        const looking = gate();
        const run = await queued(looking.before(notYet('4 minutes')));
        return { run, look: looking.open };
      },
    ],
  ])('ends cancelled when it is cancelled %s', async (_, begin) => {
    const { run, look } = await begin();
    await run.handle.cancel();
    look();
    const { execution, status, calls } = await endOf(run);
    expect([execution, status]).toEqual(['CANCELLED', 'cancelled']);
    expect(new Set(calls)).toEqual(new Set(['take#1', 'wait#1', 'archive#1']));
  });

  it('ends cancelled when it is called and cancelled at once', async () => {
    const run = await queued();
    await Promise.all([run.handle.signal('turn'), run.handle.cancel()]);
    expect(await endOf(run)).toMatchObject({ execution: 'CANCELLED', status: 'cancelled' });
  });

  it('runs out of time in the queue as well', async () => {
    // A busy machine has its second over before the first look of the wait.
    const run = await start({ take: () => false, wait: notYet('4 minutes') }, { concurrencyKey, timeout: 1 });
    expect(await endOf(run)).toMatchObject({ execution: 'FAILED', status: 'timed_out' });
  });
});

failOnLeftovers();
