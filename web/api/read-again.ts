import { jobQuery, queries } from './queries.js';

/** A job that tells much is read so often at most. */
const leastMs = 500;
/** An event may be told before Temporal knows of it, and answers are shared for a second. */
const settledMs = 1_500;

const nextAt = new Map<string, number>();
const due = new Set<string>();
const settling = new Map<string, number>();

/** What depends on the job, its calls and its items, begins with the same key. */
const read = (id: string) => void queries.invalidateQueries({ queryKey: jobQuery(id).queryKey });

/**
 * Reads a job again soon: at once after a pause, and once for all that happens within half a second. When nothing more
 * has happened for a while, it is read for a last time.
 */
export function readAgain(id: string): void {
  window.clearTimeout(settling.get(id));
  const settled = () => {
    settling.delete(id);
    nextAt.delete(id);
    read(id);
  };
  settling.set(id, window.setTimeout(settled, settledMs));
  if (due.has(id)) return;
  due.add(id);
  const wait = Math.max(0, (nextAt.get(id) ?? 0) - performance.now());
  window.setTimeout(() => {
    due.delete(id);
    nextAt.set(id, performance.now() + leastMs);
    read(id);
  }, wait);
}
