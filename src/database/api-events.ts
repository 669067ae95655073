import { finalStatuses } from '../../job-types/contract/job.js';
import { type About, type NewEvent, stateKey } from '../../store/events.js';
import type { CancelMode } from '../../store/schema.js';

export interface Submitted {
  runId: string;
  about: About;
  /** Null for a job that may start at once. */
  startAt: string | null;
}

/** A worker may be faster than the API with its own word; the log then begins with the worker's. */
export const submitted = ({ runId, about, startAt }: Submitted): NewEvent => ({
  key: 'submitted',
  type: startAt === null ? 'job.queued' : 'job.scheduled',
  time: new Date().toISOString(),
  data: startAt === null ? {} : { startAt },
  about,
  unless: (['queued', 'running', 'cancelling', ...finalStatuses] as const).map((status) =>
    stateKey(runId, status),
  ),
});

export interface CancelAsked {
  runId: string;
  mode: CancelMode;
  reason: string | null;
  /** Public id of the API key that asked; null without keys. */
  by: string | null;
}

/** Told once a run. A job that has stopped in the meantime has said so, and is not told to be stopping. */
export const cancelling = ({ runId, mode, reason, by }: CancelAsked): NewEvent => ({
  key: stateKey(runId, 'cancelling'),
  type: 'job.cancelling',
  time: new Date().toISOString(),
  data: { mode, reason, by },
  unless: finalStatuses.map((status) => stateKey(runId, status)),
});
