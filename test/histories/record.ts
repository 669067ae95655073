import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { freePort } from '../../scripts/local/ports.js';
import { projectRoot } from '../../scripts/local/project.js';
import { findTemporalCli } from '../../scripts/local/temporal-cli.js';
import { startTemporal } from '../../scripts/local/temporal-server.js';
import {
  failsFinally,
  failsForMinutes,
  failsOnceThen,
  gate,
  firstThen,
  hangsUntilStopped,
  heldThen,
  notYet,
  overBudgetThen,
  ownerBudgetThen,
  stopsForNothingThen,
} from '../harness/script-acts.js';
import {
  createScriptedWorker,
  deployedCode,
  reviewed,
  type Script,
  type ScriptedWorker,
  wellDone,
} from '../harness/scripted-worker.js';
import { until } from '../harness/until.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import type { JobAnswer, JobArgs } from '../../workflows/frame/messages.js';

interface Way {
  script?: Script;
  /** Where it is cancelled, or called to its turn: as the calls of its activities are named. */
  cancelAt?: string;
  callAt?: string;
  args?: Partial<JobArgs<unknown>>;
  /** What is done once it waits for a person. */
  whenAsked?: 'answer' | 'cancel' | 'nothing';
  /** What is answered; a review when left out. */
  answer?: JobAnswer;
}

const keyed = { concurrencyKey: 'invoice-7' };
const reviewAnswer: JobAnswer = {
  id: 'review',
  name: 'review',
  value: { words: wellDone.extract.words },
  by: null,
};
const limited = { budget: { maxTokens: 60, onExceed: 'wait' } } as const;
const toBudget = (value: unknown): JobAnswer => ({ id: 'budget', name: 'budget', value, by: null });
const overBudget = { extract: overBudgetThen(wellDone.extract) };
const queues = { take: () => false, wait: notYet('4 minutes') };

/**
 * Records histories, one of each way through the frame: `npm run build`, then `node dist/test/histories/record.js` and
 * the names of those to record, or no name for all. Do so when a way is added. Keep the old files for as long as runs of
 * the version that wrote them may be open. A file that no way here is named after is one of these.
 */
const ways: Readonly<Record<string, Way>> = {
  succeeded: {},
  'succeeded-after-retries': {
    script: { fetch: failsOnceThen(wellDone.fetch), save: failsOnceThen(wellDone.save) },
  },
  'succeeded-after-a-wrong-notice': { script: { extract: stopsForNothingThen(wellDone.extract) } },
  'failed-in-fetch': { script: { fetch: failsFinally() } },
  'failed-in-save': { script: { save: failsFinally('storage-refused') } },
  'failed-in-workflow-code': { script: { extract: () => null } },
  'cancelled-in-fetch': { script: { fetch: hangsUntilStopped }, cancelAt: 'fetch#1' },
  'cancelled-in-extract': { script: { extract: hangsUntilStopped }, cancelAt: 'extract#1' },
  'cancelled-in-a-back-off': { script: { extract: failsForMinutes }, cancelAt: 'extract#1' },
  'cancelled-in-save': { script: { save: failsForMinutes }, cancelAt: 'save#1' },
  'cancelled-in-save-and-settled': {
    script: { save: failsForMinutes, settle: () => wellDone.save },
    cancelAt: 'save#1',
  },
  'cancelled-in-save-and-not-settled': {
    script: { save: failsForMinutes, settle: failsFinally('storage-refused') },
    cancelAt: 'save#1',
  },
  'cancelled-too-late': { cancelAt: 'archive#1' },
  'first-of-its-key': { args: keyed },
  'queued-until-its-turn': { args: keyed, script: { ...queues, wait: notYet('1 millisecond', 2) } },
  'queued-and-not-asked-at-once': { args: keyed, script: { take: failsFinally('storage-unavailable') } },
  'queued-and-called': {
    args: keyed,
    // Its first look finds the turn not come, the one after the call does.
    script: { ...queues, wait: firstThen(notYet('4 minutes')) },
    callAt: 'wait#1',
  },
  'queued-and-cancelled': { args: keyed, script: queues, cancelAt: 'wait#1' },
  'queued-and-timed-out': { args: { ...keyed, timeout: 1 }, script: queues },
  'asked-and-answered': { args: reviewed, whenAsked: 'answer' },
  'asked-and-cancelled': { args: reviewed, whenAsked: 'cancel' },
  'asked-and-not-answered': { args: reviewed, whenAsked: 'nothing' },
  'asked-and-timed-out': { args: { ...reviewed, timeout: 2 } },
  'budget-allowed': {
    args: limited,
    script: overBudget,
    whenAsked: 'answer',
    answer: toBudget({ allow: { tokens: 2_000 } }),
  },
  'budget-ended': {
    args: limited,
    script: overBudget,
    whenAsked: 'answer',
    answer: toBudget({ end: true }),
  },
  'budget-failed': { args: { budget: { ...limited.budget, onExceed: 'fail' } }, script: overBudget },
  'budget-held': { args: limited, script: { extract: heldThen(wellDone.extract) } },
  'owner-budget-renewed': { script: { extract: ownerBudgetThen(wellDone.extract) } },
  'not-archived': { script: { archive: failsFinally('storage-refused') } },
};

const folder = await mkdtemp(join(tmpdir(), 'longhaul-histories-'));
const temporal = await startTemporal({
  cli: await findTemporalCli({ report: (line) => process.stderr.write(`${line}\n`) }),
  dataDir: folder,
  port: await freePort(),
  namespace: 'default',
  logFile: join(folder, 'temporal.log'),
  lifetime: 'parent',
});
const early = 'cancelled-before-the-first-step';
const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : [early, ...Object.keys(ways)];
const worker = await createScriptedWorker(temporal.address);
const hasty = await createScriptedWorker(temporal.address, await inAHurry());
try {
  if (names.includes(early)) await cancelBeforeWorking(worker);
  worker.work();
  hasty.work();
  await Promise.all(names.filter((name) => name !== early).map(record));
} finally {
  await Promise.all([worker.close(), hasty.close()]);
  await temporal.stop();
  await rm(folder, { recursive: true });
}

/** The workflows with a second instead of the days that a person has to answer. A replay does not look at how long a timer is. */
async function inAHurry(): Promise<string> {
  const code = await deployedCode();
  const hurried = code.replace(/within: \(0,[\w$.]+\.days\)\(\d+\)/, 'within: 1');
  if (hurried === code) throw new Error('no wait of some days was found in the bundle');
  return hurried;
}

async function cancelBeforeWorking({ start, work }: ScriptedWorker): Promise<void> {
  const { handle } = await start('early');
  await handle.cancel();
  work();
  await keep(handle, early);
}

async function record(name: string): Promise<void> {
  const way = ways[name];
  if (!way) throw new Error(`there is no way called ${name}`);
  const { script, cancelAt, callAt, args, whenAsked, answer = reviewAnswer } = way;
  const { start } = whenAsked === 'nothing' ? hasty : worker;
  const held = gate();
  const archive = cancelAt === 'archive#1' ? { archive: held.before(() => undefined) } : {};
  const { handle, calls } = await start(name, { ...script, ...archive }, args);
  if (callAt) {
    await until(() => calls.includes(callAt), { what: `${name}: ${callAt}` });
    await handle.signal('turn');
  }
  if (cancelAt) {
    await until(() => calls.includes(cancelAt), { what: `${name}: ${cancelAt}` });
    await handle.cancel();
  }
  if (whenAsked === 'answer' || whenAsked === 'cancel') {
    const isAsked = async () => (await handle.query<JobSnapshot>('status')).waitingFor.length > 0;
    await until(isAsked, { what: `${name} asks` });
    if (whenAsked === 'cancel') await handle.cancel();
    else await handle.executeUpdate<void, [JobAnswer]>('answer', { args: [answer] });
  }
  held.open();
  await keep(handle, name);
}

/** Waits for the end of a run and writes its history down. */
async function keep(handle: WorkflowHandle, name: string): Promise<void> {
  await until(async () => (await handle.describe()).closeTime, { what: `${name} ends` });
  const history = await handle.fetchHistory();
  // Stack traces name files, and are to name them the same on every machine.
  const json = historyToJSON(history).replaceAll(projectRoot, '').replaceAll('file://', '');
  await writeFile(join(projectRoot, 'test/histories', `${name}.json`), `${json}\n`);
}
