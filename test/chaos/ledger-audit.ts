import type { Call } from '../../job-types/contract/call.js';
import type { Usage } from '../../job-types/contract/job.js';
import type { Call as Served } from '../../scripts/stand-ins/model-server.js';
import type { Database } from '../../store/database.js';
import { createModelCalls } from '../../store/model-calls.js';

/** Outcomes that only a provider can bring about. */
const answeredByProvider: ReadonlySet<Call['outcome']> = new Set(['answered', 'malformed', 'cut']);

/** More calls than a job makes. */
const mostCalls = 1_000;

type Row = Call & { jobId: string };

export interface LedgerBooks {
  db: Database;
  /** Every call that the stand-in model was asked. */
  served: readonly Served[];
  report(line: string): void;
}

/**
 * Compares the ledger with what the stand-in has served, call by call: no call without a row, no row without its call, and
 * neither twice.
 */
export async function auditLedger(
  jobs: ReadonlyMap<string, Usage | null>,
  { served, db, report }: LedgerBooks,
): Promise<string[]> {
  const calls = createModelCalls(db);
  const rows = new Map<string, Row>();
  const findings: string[] = [];
  for (const [jobId, usage] of jobs) {
    const ofJob = await calls.list(jobId, { limit: mostCalls });
    for (const call of ofJob) rows.set(`${jobId}/${call.id}`, { ...call, jobId });
    findings.push(...auditJob(ofJob, usage).map((finding) => `${jobId} ${finding}`));
  }
  findings.push(...twice(served, ({ requestId }) => requestId ?? 'a call without a name'));
  findings.push(...twice([...rows.values()], ({ providerId }) => providerId));
  const called = new Map(served.map((one) => [one.requestId, one]));
  for (const [name, one] of called) {
    if (!rows.has(name ?? '')) findings.push(`the ledger has no row for the call ${name} of ${one.model}`);
  }
  for (const [name, row] of rows) {
    for (const finding of auditRow(row, called.get(name))) findings.push(`row ${name} ${finding}`);
  }
  const count = (outcome: string) => [...rows.values()].filter((row) => row.outcome === outcome).length;
  report(
    `${served.length} calls were served; the ledger has ${rows.size} rows, of them ${count('answered')} answered, ` +
      `${count('lost')} lost, ${count('cancelled')} cancelled and ${count('reused')} reused.`,
  );
  return findings;
}

function auditRow(row: Row, call: Served | undefined): string[] {
  const findings: string[] = [];
  if (row.outcome === null) findings.push('is still open');
  if (!call && answeredByProvider.has(row.outcome)) findings.push(`is ${row.outcome}, and nobody was asked`);
  if (row.providerId !== null && row.providerId !== `chatcmpl-${call?.id}`) {
    findings.push(`names the answer ${row.providerId}, and was given ${call?.id}`);
  }
  if (row.estimated || !answeredByProvider.has(row.outcome)) return findings;
  const told = call?.told;
  const same = told?.input === row.inputTokens && told.output === row.outputTokens;
  if (!same) findings.push(`counts ${row.inputTokens} and ${row.outputTokens}, told ${JSON.stringify(told)}`);
  return findings;
}

/** What the API says of a job against its rows; and that no answer was bought after one that is used. */
function auditJob(calls: readonly Call[], usage: Usage | null): string[] {
  const findings: string[] = [];
  const used = calls.filter(({ outcome }) => outcome === 'answered' || outcome === 'reused');
  findings.push(
    ...twice(used, ({ step, item }) => `an answer to ${item === null ? step : `${step}:${item}`}`),
  );
  const wasted = calls.filter((call) => !used.includes(call));
  const sum = (of: readonly Call[], value: (call: Call) => number | null) =>
    of.reduce((total, call) => total + (value(call) ?? Number.NaN), 0);
  const told = usage && [usage.inputTokens, usage.outputTokens, usage.costUsd, usage.wastedUsd];
  const counted = calls.length > 0 && [
    sum(calls, ({ inputTokens }) => inputTokens),
    sum(calls, ({ outputTokens }) => outputTokens),
    sum(calls, ({ costUsd }) => costUsd),
    sum(wasted, ({ costUsd }) => costUsd),
  ];
  const alike = counted
    ? counted.every((number, index) => Math.abs(number - (told?.[index] ?? Number.NaN)) < 1e-6)
    : told === null;
  if (!alike)
    findings.push(`is said to have used ${JSON.stringify(told)}, and its calls ${JSON.stringify(counted)}`);
  return findings;
}

function twice<T>(all: readonly T[], name: (one: T) => string | null): string[] {
  const seen = new Set<string>();
  return all.flatMap((one) => {
    const key = name(one);
    if (key === null) return [];
    if (seen.has(key)) return [`${key} is there twice`];
    seen.add(key);
    return [];
  });
}
