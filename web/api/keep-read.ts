import { QueryObserver } from '@tanstack/react-query';
import { queries } from './queries.js';

/**
 * Keeps what was read while nothing shows it. If it were forgotten after the usual minutes, a form made of it would be
 * gone as well.
 * @returns what ends that
 */
export function keepRead(): () => void {
  const leaves = queries
    .getQueryCache()
    .getAll()
    .map(({ queryKey }) =>
      new QueryObserver(queries, { queryKey, enabled: false }).subscribe(() => undefined),
    );
  return () => {
    for (const leave of leaves) leave();
  };
}
