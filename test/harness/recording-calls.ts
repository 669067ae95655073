import type { CallOutcome } from '../../job-types/contract/call.js';
import type { LedgerDependencies } from '../../activities/frame/ledger.js';
import type { AskedCall, NewCall, Settlement } from '../../store/model-calls.js';

export type RecordedCall = NewCall & Partial<Omit<Settlement, 'outcome'>> & { outcome: CallOutcome | null };

export type RecordingCalls = LedgerDependencies['calls'] & {
  readonly rows: RecordedCall[];
  readonly reused: AskedCall[];
};

export type RecordingAnswers = LedgerDependencies['answers'] & {
  /** What was kept, in the order in which it came. */
  readonly kept: unknown[];
  /** What an earlier worker has left, for the next attempt that asks. */
  readonly left: { callId: string; answer: unknown }[];
};

/** Kept answers in memory. */
export function recordingAnswers(): RecordingAnswers {
  const kept: unknown[] = [];
  const left: { callId: string; answer: unknown }[] = [];
  return {
    kept,
    left,
    keep: async (_, { answer }) => void kept.push(answer),
    take: async <T>() => (left.shift() as { callId: string; answer: T } | undefined) ?? null,
  };
}

/** The ledger's table in memory, for one step of one job. */
export function recordingCalls(): RecordingCalls {
  const rows: RecordedCall[] = [];
  const reused: AskedCall[] = [];
  return {
    rows,
    reused,
    open: async (call) => String(rows.push({ ...call, outcome: null })),
    /** By the limit of tokens alone. */
    async reserve(call, { limits: { maxTokens }, wanted }) {
      const spent = rows.reduce((sum, row) => sum + row.inputTokens + (row.outputTokens ?? 0), 0);
      const left = (maxTokens ?? Infinity) - spent - wanted.inputTokens;
      const most = wanted.inputTokens + wanted.outputTokens;
      const exceeded = {
        limit: 'maxTokens',
        cap: maxTokens ?? 0,
        spent,
        wanted: most,
        renewsAt: null,
      } as const;
      if (left < wanted.least) return { exceeded };
      const outputTokens = Math.min(wanted.outputTokens, left);
      const id = String(rows.push({ ...call, outcome: null }));
      return { id, outputTokens, cappedBy: outputTokens < wanted.outputTokens ? exceeded : null };
    },
    async settle(id, settled) {
      Object.assign(rows[Number(id) - 1] ?? {}, settled);
    },
    async settleEarlier({ attempt }) {
      const earlier = rows.filter((row) => row.attempt < attempt);
      const unusable = earlier.filter(
        ({ outcome, ...row }) =>
          outcome === 'malformed' ||
          outcome === 'cut' ||
          (outcome === 'failed' && row.inputTokens + (row.outputTokens ?? 0) > 0),
      );
      for (const row of earlier) if (row.outcome === null || row.outcome === 'answered') row.outcome = 'lost';
      const count = (of: CallOutcome) => earlier.filter(({ outcome }) => outcome === of).length;
      const worked = earlier.findLastIndex(({ firstTokenMs }) => typeof firstTokenMs === 'number');
      return {
        unusable: unusable.length,
        lost: count('lost'),
        stopped: count('cancelled'),
        failureCode: unusable.at(-1)?.failureCode ?? null,
        sinceWorked: worked < 0 ? null : earlier.length - 1 - worked,
      };
    },
    noteReused: async (call) => void reused.push(call),
    promptOf: async () => rows.findLast(({ outcome }) => outcome === 'answered')?.prompt ?? null,
  };
}
