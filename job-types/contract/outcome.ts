import type { Failure } from './failure.js';
import type { FinalStatus, GivenAnswer, Output, StepStatus } from './job.js';

/** A step as the workflow knows it. What an attempt in flight is doing, only `describe` and the event log know. */
export interface StepState {
  name: string;
  status: StepStatus;
  startedAt: string;
  finishedAt: string | null;
  failure: Failure | null;
  notes: string[];
  /** What it did, in numbers: "30 words". For those who look at the run in the Temporal UI. */
  counts: string | null;
  /** Of a step that is done for several items; absent otherwise. */
  items?: ItemsState;
}

/** How the items of a step stand. It stays small with a thousand of them. */
export interface ItemsState {
  /** Those that succeeded. */
  done: number;
  /** Those that failed for good. */
  failed: number;
  /** Those that are under way. */
  running: number;
  /** How many there are to be; null where nobody has said so. */
  total: number | null;
  /** Of the first that failed. */
  failures: Failure[];
}

/** Something the job asks people. */
export interface OpenWait {
  /** The name, and `review~2` for what is asked under the same name again. */
  id: string;
  name: string;
  expiresAt: string;
  /** What there is to decide on. */
  data: unknown;
}

/** What a step says its last call used, for those who look at the run in the Temporal UI. The bill is the ledger's. */
export interface Spent {
  inputTokens: number;
  outputTokens: number;
  costUsd: number | null;
  /** Counted by us. */
  estimated?: boolean;
}

/** What the status query answers. It changes only when the history of the run grows. */
export interface JobSnapshot {
  /** Null until a worker begins it, which with a concurrency key is when its turn has come. */
  startedAt: string | null;
  steps: StepState[];
  usage: Spent | null;
  output: Output | null;
  /** What the job asks people at present. */
  waitingFor: OpenWait[];
  /** In the order in which they came. */
  answers: GivenAnswer[];
}

/** How a job ended, as the frame fixed it: what is archived, and what the run closes with. */
export interface JobOutcome extends JobSnapshot {
  status: FinalStatus;
  result: unknown;
  failure: Failure | null;
  finishedAt: string;
}

/** What the frame hands over at a job's end, and what answers for the job once Temporal has forgotten it. */
export interface ArchivedJob {
  type: string;
  owner: string;
  createdAt: string;
  memo: Record<string, unknown>;
  outcome: JobOutcome;
  /** The run in which it ended, where that had continued another. */
  lastRun?: string;
}
