import type { Job, Usage } from '../../job-types/contract/job.js';
import type { ArchivedJob, JobOutcome, JobSnapshot } from '../../job-types/contract/outcome.js';
import type { Cancellation } from '../../store/cancellations.js';
import type { ArchivedOutcome } from '../../store/outcomes.js';
import type { Said } from '../../store/events.js';
import type { LoggedStep } from './step-log.js';

/**
 * What the workflow and the database add to one state of a run. A workflow's state can only change when its history
 * grows, so most of it is asked for once a state. What a source did not have is null or empty.
 */
export interface Facts {
  /** The state: which run Temporal has, and how long its history was. */
  state: string;
  /** From the workflow's status query, or, once the job is over, from its outcome. */
  snapshot: JobSnapshot | null;
  /** Whether the snapshot was answered by the workflow. */
  source: Job['progress']['source'];
  /** The steps, as the event log tells them. */
  log: ReadonlyMap<string, LoggedStep>;
  /** What the step that runs has said so far. */
  said: Said;
  /** Whether the log was heard to tell of a step between its start and its end. */
  talked: boolean;
  cancellation: Cancellation | null;
  outcome: JobOutcome | null;
  /** The record of the end, once there is one: it alone tells what has become of the job. */
  record: ArchivedOutcome<ArchivedJob> | null;
  /** Who has ended the run by force is about to record it: until then the job is not said to be over. */
  recording: boolean;
  /** By the ledger. Null when it has no call of the job, and while the database is away. */
  usage: Usage | null;
  /** False when the database had no part in it: it is asked again at the next read. */
  whole: boolean;
}

export const nothingSaid: Said = { output: null, progress: null };

/** Of a run of which there is nothing to know yet. */
export const noFacts: Facts = {
  state: '',
  snapshot: null,
  source: 'snapshot',
  log: new Map(),
  said: nothingSaid,
  talked: false,
  cancellation: null,
  outcome: null,
  record: null,
  recording: false,
  usage: null,
  whole: true,
};
