import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { temporalAddress } from '../../harness/addresses.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import {
  failsFinally,
  failsForMinutes,
  failsOnceThen,
  gate,
  hangsUntilStopped,
  heldThen,
  ownerBudgetThen,
  stopsForNothingThen,
} from '../../harness/script-acts.js';
import {
  type Act,
  type Script,
  type ScriptedRun,
  type ScriptedWorker,
  createScriptedWorker,
  wellDone,
} from '../../harness/scripted-worker.js';
import { until } from '../../harness/until.js';

const steps = ['fetch', 'extract', 'save'] as const;
type Step = (typeof steps)[number];

interface Row {
  outcome: string;
  act(step: Step): Act;
  /** What the run closes as in Temporal's own terms. */
  execution: 'COMPLETED' | 'FAILED' | 'CANCELLED';
  /** What is archived. */
  status: 'succeeded' | 'failed' | 'cancelled';
  /** The step's own status at the end. */
  step: 'succeeded' | 'failed' | 'cancelled';
  code?: string;
  /** Calls of the step's activity. */
  calls(step: Step): string[];
  /** Cancelled once its activity has been called. */
  cancel?: true;
}

const succeeds = { execution: 'COMPLETED', status: 'succeeded', step: 'succeeded' } as const;
const fails = { execution: 'FAILED', status: 'failed' } as const;
const isCancelled = { execution: 'CANCELLED', status: 'cancelled', step: 'cancelled', cancel: true } as const;

/** Outcome of a step by how the job ends. Every row holds for every step. */
const table: readonly Row[] = [
  { outcome: 'goes well', act: (step) => () => wellDone[step], calls: (step) => [`${step}#1`], ...succeeds },
  {
    outcome: 'fails once in a way that may pass',
    act: (step) => failsOnceThen(wellDone[step]),
    calls: (step) => [`${step}#1`, `${step}#2`],
    ...succeeds,
  },
  {
    outcome: 'fails for good',
    act: () => failsFinally('no-article'),
    calls: (step) => [`${step}#1`],
    step: 'failed',
    code: 'no-article',
    ...fails,
  },
  {
    // Thrown by the workflow code itself, which cannot read what it was given.
    outcome: 'returns nothing, so that the workflow code throws',
    act: () => () => null,
    calls: (step) => [`${step}#1`],
    step: 'succeeded',
    code: 'workflow-error',
    ...fails,
  },
  {
    outcome: 'waits for its next attempt when the job is cancelled',
    act: () => failsForMinutes,
    calls: (step) => [`${step}#1`],
    ...isCancelled,
  },
  {
    outcome: 'says it was stopped although nobody cancelled',
    act: (step) => stopsForNothingThen(wellDone[step]),
    calls: (step) => [`${step}#1`, `${step}~2#1`],
    ...succeeds,
  },
  {
    outcome: 'waits for what other calls leave of a budget, for longer than an attempt can',
    act: (step) => heldThen(wellDone[step]),
    calls: (step) => [`${step}#1`, `${step}~2#1`],
    ...succeeds,
  },
  {
    outcome: "comes to the end of its owner's day, and nobody says anything until the next one begins",
    act: (step) => ownerBudgetThen(wellDone[step]),
    calls: (step) => [`${step}#1`, `${step}~2#1`],
    ...succeeds,
  },
];

/** Only these have a heartbeat, on which a cancel can reach them. */
const stoppable: Row = {
  outcome: 'hangs until the job is cancelled',
  act: () => hangsUntilStopped,
  calls: (step) => [`${step}#1`],
  ...isCancelled,
};

const rows = steps.flatMap((step) =>
  (step === 'save' ? table : [...table, stoppable]).map((row) => ({ name: step, ...row })),
);

let worker: ScriptedWorker;
let early: ScriptedRun;
const runs = new Map<object, ScriptedRun>();

/** All at once: some wait for seconds, as the frame does. */
beforeAll(async () => {
  worker = await createScriptedWorker(temporalAddress());
  early = await worker.start('early');
  await early.handle.cancel();
  worker.work();
  await Promise.all(
    rows.map(async (row) => {
      const run = await worker.start('table', { [row.name]: row.act(row.name) });
      runs.set(row, run);
      if (!row.cancel) return;
      await until(() => run.calls.includes(`${row.name}#1`), { what: `${row.name} is called` });
      await run.handle.cancel();
    }),
  );
});
afterAll(() => worker.close());

/** How a run ended: resolves once it has. */
async function endOf(run: ScriptedRun) {
  const result: unknown = await run.handle.result().catch((error: unknown) => error);
  const { status } = await run.handle.describe();
  return { result, execution: status.name, archived: run.archived[0], calls: run.calls };
}

describe.each(rows)('when $name $outcome', (row) => {
  it(`the run ends ${row.execution} and is archived as ${row.status}`, async () => {
    const run = runs.get(row);
    if (!run) throw new Error('the run was not started');
    const { execution, archived, calls } = await endOf(run);
    expect(execution).toBe(row.execution);
    expect(archived?.status).toBe(row.status);
    const index = steps.indexOf(row.name);
    expect(archived?.steps.map(({ name, status }) => [name, status])).toEqual([
      ...steps.slice(0, index).map((step) => [step, 'succeeded']),
      [row.name, row.step],
      ...(row.status === 'succeeded' ? steps.slice(index + 1).map((step) => [step, 'succeeded']) : []),
    ]);
    expect(archived?.failure?.code).toBe(row.code);
    expect(archived?.failure?.retryable).toBe(row.code ? false : undefined);
    expect(archived?.result === null).toBe(row.status !== 'succeeded');

    const own = row.calls(row.name);
    const asked = calls.filter((call) => call.startsWith('settle'));
    expect(calls.filter((call) => call.startsWith(row.name))).toEqual(own);
    expect(asked).toEqual(row.status === 'cancelled' && row.name === 'save' ? ['settle save#1'] : []);
    // What arrives while the outcome is archived makes the server ask for the end, and with it for the archive, again.
    expect(new Set(calls.filter((call) => call.startsWith('archive')))).toEqual(new Set(['archive#1']));
  });
});

describe('a cancel that meets a save', () => {
  /** Cancelled while the save is under way, which then does what is given. */
  async function cancelledDuringSave(then: Act, script: Script = {}) {
    const held = gate();
    const run = await worker.start('save', { ...script, save: held.before(then) });
    await held.reached;
    await run.handle.cancel();
    held.open();
    return endOf(run);
  }

  it('that goes well ends succeeded', async () => {
    const { execution, archived, calls } = await cancelledDuringSave(() => wellDone.save);
    expect([execution, archived?.status]).toEqual(['COMPLETED', 'succeeded']);
    expect(archived?.result).toMatchObject({ newWords: 1 });
    expect(calls).not.toContain('settle save#1');
  });

  it('that fails, with nothing written, ends cancelled', async () => {
    const { execution, archived, calls } = await cancelledDuringSave(failsOnceThen(wellDone.save));
    expect([execution, archived?.status]).toEqual(['CANCELLED', 'cancelled']);
    expect(calls).toEqual(expect.arrayContaining(['settle save#1']));
  });

  it('that failed after it had written ends succeeded, as the receipt says', async () => {
    const settle = () => ({ newWords: 7, updatedWords: 2 });
    const { execution, archived } = await cancelledDuringSave(failsOnceThen(null), { settle });
    expect([execution, archived?.status]).toEqual(['COMPLETED', 'succeeded']);
    expect(archived?.result).toMatchObject({ newWords: 7, updatedWords: 2 });
    expect(archived?.steps.at(-1)).toMatchObject({ name: 'save', status: 'succeeded' });
  });

  it('that failed ends cancelled when nobody can tell what was written', async () => {
    const { execution, archived } = await cancelledDuringSave(failsOnceThen(null), {
      settle: failsFinally('storage-refused'),
    });
    expect([execution, archived?.status]).toEqual(['CANCELLED', 'cancelled']);
  });

  it('keeps its word when a second cancel comes while it settles', async () => {
    const settling = gate();
    const held = gate();
    const run = await worker.start('settle', {
      save: held.before(failsOnceThen(null)),
      settle: settling.before(() => wellDone.save),
    });
    await held.reached;
    await run.handle.cancel();
    held.open();
    await settling.reached;
    await run.handle.cancel();
    settling.open();
    const { execution, archived } = await endOf(run);
    expect([execution, archived?.status]).toEqual(['COMPLETED', 'succeeded']);
  });
});

describe('a step that was stopped', () => {
  it('leaves what it had in the outcome', async () => {
    const row = rows.find(({ name, outcome }) => name === 'extract' && outcome === stoppable.outcome);
    const run = row && runs.get(row);
    expect(run && (await endOf(run)).archived?.output).toEqual({
      text: 'half an ans',
      step: 'extract',
      attempt: 1,
    });
  });
});

describe('the archive', () => {
  it.each([
    ['succeeded', 'COMPLETED', {}],
    ['failed', 'FAILED', { fetch: failsFinally() }],
  ])('that refuses does not change that a job %s', async (status, execution, script: Script) => {
    const run = await worker.start('archive', { ...script, archive: failsFinally('storage-refused') });
    const end = await endOf(run);
    expect([end.execution, end.archived?.status]).toEqual([execution, status]);
  });

  it('is not stopped by a cancel, and the outcome it was given stands', async () => {
    const held = gate();
    const run = await worker.start('archive', { archive: held.before(() => undefined) });
    await held.reached;
    await run.handle.cancel();
    held.open();
    const end = await endOf(run);
    expect([end.execution, end.archived?.status]).toEqual(['COMPLETED', 'succeeded']);
    expect(end.result).toMatchObject({ newWords: 1 });
  });

  it('that lost its answer and waits for another attempt is not stopped by a cancel either', async () => {
    const run = await worker.start('archive', { archive: failsOnceThen(undefined) });
    await until(() => run.calls.includes('archive#1'), { what: 'the archive is called' });
    await run.handle.cancel();
    const end = await endOf(run);
    expect([end.execution, end.archived?.status]).toEqual(['COMPLETED', 'succeeded']);
  });
});

describe('a cancel before a worker has seen the job', () => {
  it('ends cancelled without a step', async () => {
    const { execution, archived, calls } = await endOf(early);
    expect([execution, archived?.status]).toEqual(['CANCELLED', 'cancelled']);
    expect(new Set(calls)).toEqual(new Set(['archive#1']));
  });
});

failOnLeftovers();
