import type { GivenAnswer } from '../../job-types/contract/job.js';
import type { JobSnapshot, OpenWait } from '../../job-types/contract/outcome.js';

/** A wait that can be read without a worker. */
export type KnownWait = Omit<OpenWait, 'data'>;

/** A run that began to wait before several waits could be open wrote one, without an id, and null when there was none. */
export type StoredWaits<Wait extends KnownWait> =
  Wait[] | (Omit<Wait, 'id'> & { id?: never }) | null | undefined;

/** A snapshot as a worker of any version answers it, or as it was archived. */
export type Stored<Snapshot extends JobSnapshot> = Omit<Snapshot, 'waitingFor' | 'answers'> & {
  waitingFor: StoredWaits<OpenWait>;
  answers?: GivenAnswer[];
};

/** The waits as a run of today writes them. */
export function waitsOf<Wait extends KnownWait>(stored: StoredWaits<Wait>): Wait[] {
  if (Array.isArray(stored)) return stored;
  return stored ? [{ ...stored, id: stored.name } as Wait] : [];
}

/** The snapshot as a worker of today answers it. */
export const snapshotOf = <Snapshot extends JobSnapshot>(stored: Stored<Snapshot>): Snapshot =>
  ({ ...stored, waitingFor: waitsOf(stored.waitingFor), answers: stored.answers ?? [] }) as Snapshot;
