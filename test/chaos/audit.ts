import { isDeepStrictEqual } from 'node:util';
import type { WorkflowExecutionStatusName } from '@temporalio/client';
import { sql } from 'kysely';
import { type FinalStatus, type Job, type Usage, isFinal } from '../../job-types/contract/job.js';
import type { Database } from '../../store/database.js';
import { createOutcomes } from '../../store/outcomes.js';
import { until } from '../harness/until.js';
import { type LedgerBooks, auditLedger } from './ledger-audit.js';
import type { Promised } from './load.js';
import { type Actors, scenarios, wrongIn } from './scenarios.js';

/** How Temporal may have closed a job that ended so: one that no worker began counts as cancelled however it was closed. */
const closedAs: Readonly<Record<FinalStatus, readonly WorkflowExecutionStatusName[]>> = {
  succeeded: ['COMPLETED'],
  failed: ['FAILED'],
  cancelled: ['CANCELLED', 'TERMINATED'],
  terminated: ['TERMINATED'],
  timed_out: ['FAILED', 'TIMED_OUT'],
};

/** For the last attempts of steps whose workers died, and for the sweep over closed runs, which comes once a minute. */
export const settledWithinMs = 240_000;

/** Twice what lies between two sweeps. */
const correctedWithinMs = 120_000;

export interface Books extends Actors, LedgerBooks {}

/** Compares what the API, Temporal, the archive, the event log and the ledger say of each job, and what is left in the tables. */
export async function audit(promised: readonly Promised[], books: Books): Promise<string[]> {
  const findings: string[] = [];
  await everythingSettles(promised, books).catch((error: unknown) => findings.push(String(error)));
  for (const job of promised) {
    try {
      for (const finding of await auditJob(job, books)) {
        findings.push(`${job.id} (${job.scenario}) ${finding}`);
      }
    } catch (error) {
      findings.push(`${job.id} (${job.scenario}) cannot be audited: ${String(error)}`);
    }
  }
  const usage = new Map<string, Usage | null>();
  for (const { id } of promised) usage.set(id, (await books.client.job(id)).body.usage);
  return [...findings, ...(await auditLedger(usage, books))];
}

async function auditJob({ id, scenario, log }: Promised, { client, operator, db }: Books): Promise<string[]> {
  const findings: string[] = [];
  const { body: job } = await client.job(id);
  if (!isFinal(job.status)) {
    const waits = job.waitingFor.map(({ name, data }) => ({ name, data }));
    return [`is still ${job.status}, and waits for ${JSON.stringify(waits)}`];
  }
  const status = job.status;
  if (!scenarios[scenario]?.ends.includes(status) && !(await lostItsWorkers(job, db))) {
    findings.push(`ended ${status}: ${JSON.stringify(job.failure ?? job.stalled)}`);
  }
  const { status: closed } = await operator.workflow.getHandle(id).describe();
  if (!closedAs[status]?.includes(closed.name)) findings.push(`is ${status} and ${closed.name} in Temporal`);
  // A run that was terminated may still archive what it took for its end; that is corrected.
  const archived = async () => (await createOutcomes(db).ends([id])).get(id)?.status === status;
  await until(archived, { what: `the archive says ${status}`, limitMs: correctedWithinMs });
  const ends = (await log).filter(({ type }) => type === 'end');
  if (ends.length !== 1 || ends[0]?.data['status'] !== status) {
    findings.push(`is ${status}, and its log says ${JSON.stringify(ends.map(({ data }) => data))}`);
  }
  if (status === 'succeeded') findings.push(...(await wrongIn(scenario, { job, db })));
  return findings;
}

/** No more is paid for than what died with three workers. */
async function lostItsWorkers({ id, status, failure }: Job, db: Database): Promise<boolean> {
  if (status !== 'failed' || failure?.code !== 'worker-lost') return false;
  const lost = db
    .selectFrom('model_calls')
    .select('id')
    .where('job_id', '=', id)
    .where('outcome', '=', 'lost');
  return (await lost.execute()).length === 3;
}

/** No job besides those promised, no log that stays open, no place kept, no effect half done. */
async function everythingSettles(promised: readonly Promised[], { operator, db }: Books): Promise<void> {
  const ids = promised.map(({ id }) => id);
  await until(
    async () => {
      const { count: runs } = await operator.workflow.count();
      const archived = (await createOutcomes(db).ends(ids)).size;
      const found = { runs, archived, ...(await leftOpen(db)) };
      const settled = { runs: ids.length, archived: ids.length, places: 0, logs: 0, effects: 0, calls: 0 };
      if (isDeepStrictEqual(found, settled)) return true;
      throw new Error(`${JSON.stringify(found)}, not ${JSON.stringify(settled)}`);
    },
    { what: 'every job is settled', limitMs: settledWithinMs, everyMs: 1_000 },
  );
}

type LeftOpen = Record<'places' | 'logs' | 'effects' | 'calls', number>;

async function leftOpen(db: Database): Promise<LeftOpen> {
  const { rows } = await sql<LeftOpen>`
    select (select count(*)::integer from concurrency_queue) as places,
           (select count(*)::integer from event_logs where not sealed) as logs,
           (select count(*)::integer from receipts where outcome is null and not voided) as effects,
           (select count(*)::integer from model_calls where outcome is null) as calls`.execute(db);
  return rows[0] ?? { places: 0, logs: 0, effects: 0, calls: 0 };
}
