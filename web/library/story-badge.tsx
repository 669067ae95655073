import type { StorySummary } from '../../client/index.js';

const badges = {
  writing: ['badge badge-running', '●'],
  complete: ['badge badge-succeeded', '✓'],
  partial: ['badge badge-waiting', '◆'],
} as const;

export function StoryBadge({ status }: Pick<StorySummary, 'status'>) {
  const [badge, mark] = badges[status];
  return (
    <span className={badge}>
      <span aria-hidden="true">{mark}</span>
      {status}
    </span>
  );
}
