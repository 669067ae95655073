import type { Job } from '../../client/index.js';
import { words } from './shown.js';

/** Told by a word and a shape: the colour says nothing that these do not. */
const marks: Record<Job['status'], string> = {
  scheduled: '◷',
  queued: '◌',
  running: '●',
  waiting: '◆',
  cancelling: '◍',
  succeeded: '✓',
  failed: '✕',
  cancelled: '–',
  terminated: '■',
  timed_out: '⏲',
};

export function StatusBadge({ status, partial = false }: { status: Job['status']; partial?: boolean }) {
  return (
    <span className={`badge badge-${status}`}>
      <span aria-hidden="true">{marks[status]}</span>
      {words(status)}
      {partial && ', partial'}
    </span>
  );
}
