import { sql } from 'kysely';
import type { BudgetLimit, Exceeded } from '../job-types/contract/budget.js';
import type { Database } from './database.js';

/** What holds for a call: null where nothing does. */
export interface Limits {
  /** Of the job, by its own calls. */
  maxCostUsd: number | null;
  maxTokens: number | null;
  /** Of the owner, by the calls of all of the owner's jobs in a day and a month of UTC. */
  dayUsd: number | null;
  monthUsd: number | null;
}

/** What a call is to take. */
export interface Wanted {
  inputTokens: number;
  /** At its longest. */
  outputTokens: number;
  /** Below so many an answer is of no use. */
  least: number;
  /** Of the input, and of a token of output; null where no price is known, which only a limit of tokens can do without. */
  inputUsd: number | null;
  tokenUsd: number | null;
}

/** The room there is for a call. */
export type Room =
  /** So many tokens of output, fewer than wanted where a limit is near: that limit. */
  | { outputTokens: number; cappedBy: Exceeded | null }
  /** None, however the calls end that are under way. */
  | { exceeded: Exceeded }
  /** More when these have ended. */
  | 'held';

/** A call that is older has lost its caller: a step's attempt has 15 minutes. */
const longestCall = sql`interval '16 minutes'`;

interface Sums {
  usd: number;
  /** Set aside for calls under way. */
  heldUsd: number;
  tokens: number;
  heldTokens: number;
}

const isUnderWay = sql`(outcome is null and started_at > now() - ${longestCall})`;

/** What calls have cost and used, those apart that are under way. */
export async function sumsOf(trx: Database, which: ReturnType<typeof sql>): Promise<Sums> {
  const { rows } = await sql<Sums>`
    select coalesce(sum(cost_usd) filter (where not ${isUnderWay}), 0)::float8 as usd,
      coalesce(sum(greatest(reserved_usd, cost_usd)) filter (where ${isUnderWay}), 0)::float8 as "heldUsd",
      coalesce(sum(input_tokens + output_tokens) filter (where not ${isUnderWay}), 0)::float8 as tokens,
      coalesce(sum(greatest(reserved_tokens, input_tokens)) filter (where ${isUnderWay}), 0)::float8 as "heldTokens"
    from model_calls where ${which}`.execute(trx);
  return rows[0] ?? { usd: 0, heldUsd: 0, tokens: 0, heldTokens: 0 };
}

/** When a day or a month of UTC has begun, and when it is over. */
export function spanOf(unit: 'day' | 'month', now: Date): { from: string; to: string } {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  const at = (...date: [number, number, number]) => new Date(Date.UTC(...date)).toISOString();
  return unit === 'day'
    ? { from: at(year, month, day), to: at(year, month, day + 1) }
    : { from: at(year, month, 1), to: at(year, month + 1, 1) };
}

/** A limit, and how far it is from here. */
interface Reach {
  limit: BudgetLimit;
  cap: number;
  spent: number;
  held: number;
  renewsAt: string | null;
}

async function reaches(
  trx: Database,
  { jobId, owner, limits }: { jobId: string; owner: string; limits: Limits },
): Promise<Reach[]> {
  const { maxCostUsd, maxTokens, dayUsd, monthUsd } = limits;
  const found: Reach[] = [];
  if (maxCostUsd !== null || maxTokens !== null) {
    const { usd, heldUsd, tokens, heldTokens } = await sumsOf(trx, sql`job_id = ${jobId}`);
    const own = { renewsAt: null };
    if (maxCostUsd !== null)
      found.push({ ...own, limit: 'maxCostUsd', cap: maxCostUsd, spent: usd, held: heldUsd });
    if (maxTokens !== null)
      found.push({ ...own, limit: 'maxTokens', cap: maxTokens, spent: tokens, held: heldTokens });
  }
  const spans = [
    { limit: 'OWNER_BUDGET_USD_DAY', cap: dayUsd, unit: 'day' },
    { limit: 'OWNER_BUDGET_USD_MONTH', cap: monthUsd, unit: 'month' },
  ] as const;
  for (const { limit, cap, unit } of spans) {
    if (cap === null) continue;
    const { from, to } = spanOf(unit, new Date());
    const { usd, heldUsd } = await sumsOf(trx, sql`owner = ${owner} and started_at >= ${from}`);
    found.push({ limit, cap, spent: usd, held: heldUsd, renewsAt: to });
  }
  return found;
}

/** Tokens of output that `left` is enough for, behind the input. */
function roomIn(left: number, { limit, wanted }: { limit: BudgetLimit; wanted: Wanted }): number {
  if (limit === 'maxTokens') return Math.floor(left - wanted.inputTokens);
  const { inputUsd, tokenUsd } = wanted;
  // A sum of fractions is a little more or less than it should be.
  const rest = left - (inputUsd ?? 0) + 1e-12;
  if (rest < 0) return -1;
  return tokenUsd ? Math.floor(rest / tokenUsd) : Infinity;
}

const costOf = (limit: BudgetLimit, { inputTokens, outputTokens, inputUsd, tokenUsd }: Wanted): number =>
  limit === 'maxTokens' ? inputTokens + outputTokens : (inputUsd ?? 0) + outputTokens * (tokenUsd ?? 0);

/**
 * How long an answer may be. Calls of the same owner ask one after the other until the transaction ends, so that together
 * they do not go beyond a limit.
 */
export async function roomFor(
  trx: Database,
  { wanted, ...call }: { jobId: string; owner: string; limits: Limits; wanted: Wanted },
): Promise<Room> {
  await sql`select pg_advisory_xact_lock('model_calls'::regclass::integer, hashtext(${call.owner}))`.execute(
    trx,
  );
  const found = (await reaches(trx, call)).map(({ held, ...reach }) => {
    const { limit, cap, spent } = reach;
    return {
      free: roomIn(cap - spent, { limit, wanted }),
      now: roomIn(cap - spent - held, { limit, wanted }),
      exceeded: { ...reach, wanted: costOf(limit, wanted) },
    };
  });
  const [tightest] = found.toSorted((one, other) => one.free - other.free);
  if (!tightest) return { outputTokens: wanted.outputTokens, cappedBy: null };
  const { free, exceeded } = tightest;
  const now = Math.min(...found.map((one) => one.now));
  if (free < wanted.least) return { exceeded };
  const outputTokens = Math.min(wanted.outputTokens, free);
  if (now < outputTokens) return 'held';
  return { outputTokens, cappedBy: outputTokens < wanted.outputTokens ? exceeded : null };
}
