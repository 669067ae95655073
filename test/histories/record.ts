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
  notYet,
  stopsForNothingThen,
} from '../harness/script-acts.js';
import {
  createScriptedWorker,
  type Script,
  type ScriptedWorker,
  wellDone,
} from '../harness/scripted-worker.js';
import { until } from '../harness/until.js';
import type { JobArgs } from '../../workflows/frame/messages.js';

interface Way {
  script?: Script;
  /** Where it is cancelled, or called to its turn: as the calls of its activities are named. */
  cancelAt?: string;
  callAt?: string;
  args?: Partial<JobArgs<unknown>>;
}

const keyed = { concurrencyKey: 'invoice-7' };
const queues = { take: () => false, wait: notYet('4 minutes') };

/**
 * Records the histories anew, one of each way through the frame: `npm run build`, then `node
 * dist/test/histories/record.js`. Do so when a way is added. Keep the old files for as long as runs of the version
 * that wrote them may be open.
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
const worker = await createScriptedWorker(temporal.address);
try {
  await cancelBeforeWorking(worker);
  await Promise.all(Object.keys(ways).map((name) => record(worker, name)));
} finally {
  await worker.close();
  await temporal.stop();
  await rm(folder, { recursive: true });
}

async function cancelBeforeWorking({ start, work }: ScriptedWorker): Promise<void> {
  const { handle } = await start('early');
  await handle.cancel();
  work();
  await keep(handle, 'cancelled-before-the-first-step');
}

async function record({ start }: ScriptedWorker, name: string): Promise<void> {
  const { script, cancelAt, callAt, args } = ways[name] ?? {};
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
