import { useCallback, useMemo, useState } from 'react';
import type { JobSummary } from '../../client/index.js';

export interface Selection {
  /** In the order of the list; what is not shown any more is not selected. */
  jobs: readonly JobSummary[];
  ids: ReadonlySet<string>;
  toggle(id: string): void;
  /** All that is shown, or none. */
  toggleAll(): void;
  clear(): void;
}

/** Which of the jobs that are shown somebody has picked. */
export function useSelection(shown: readonly JobSummary[]): Selection {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const jobs = useMemo(() => shown.filter(({ id }) => ids.has(id)), [shown, ids]);
  const toggle = useCallback((id: string) => {
    setIds((before) => {
      const after = new Set(before);
      if (!after.delete(id)) after.add(id);
      return after;
    });
  }, []);
  const clear = useCallback(() => setIds(new Set()), []);
  const toggleAll = () =>
    setIds(jobs.length === shown.length ? new Set() : new Set(shown.map(({ id }) => id)));
  return { jobs, ids, toggle, toggleAll, clear };
}
