import { useCallback, useState } from 'react';
import type { JobSummary } from '../../client/index.js';
import { unknownIn } from '../jobs/news.js';

type Listed = readonly JobSummary[] | undefined;

interface HeldBack {
  shown: Listed;
  /** How many came since, and are not shown. */
  news: number;
  showAll(): void;
}

const without = (listed: readonly JobSummary[], later: readonly JobSummary[]): readonly JobSummary[] =>
  listed.filter((one) => !later.includes(one));

/** What waits, without what came later: nothing moves under the pointer until somebody wants it. */
export function useHeldBack(listed: Listed): HeldBack {
  const [held, setHeld] = useState<{ of: Listed; shown: Listed }>({ of: listed, shown: listed });
  const later = listed && held.shown ? unknownIn(listed, held.shown) : [];
  const shown = listed && without(listed, later);
  // What does not wait any more is new when it waits again.
  if (held.of !== listed) setHeld({ of: listed, shown });
  const showAll = useCallback(() => setHeld({ of: listed, shown: listed }), [listed]);
  return { shown, news: later.length, showAll };
}
