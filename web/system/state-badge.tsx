import type { SystemPart } from '../../job-types/contract/system.js';

/** Told by a word and a shape, as the status of a job is. */
const shown = {
  up: { badge: 'badge badge-succeeded', mark: '✓', word: 'up' },
  down: { badge: 'badge badge-failed', mark: '✕', word: 'down' },
  unknown: { badge: 'badge', mark: '◌', word: 'not known' },
} as const;

export function StateBadge({ state, word }: { state: SystemPart['state']; word?: string }) {
  const { badge, mark, word: usual } = shown[state];
  return (
    <span className={badge}>
      <span aria-hidden="true">{mark}</span>
      {word ?? usual}
    </span>
  );
}
