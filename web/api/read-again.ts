import { jobQuery, queries } from './queries.js';

/** A job that tells much is read so often at most. */
const leastMs = 500;
const nextAt = new Map<string, number>();
const due = new Set<string>();

/** Reads a job again soon: at once after a pause, and once for all that happens within half a second. */
export function readAgain(id: string): void {
  if (due.has(id)) return;
  due.add(id);
  const now = performance.now();
  const wait = Math.max(0, (nextAt.get(id) ?? 0) - now);
  window.setTimeout(() => {
    due.delete(id);
    nextAt.set(id, performance.now() + leastMs);
    // What depends on the job, its calls and its items, begins with the same key.
    void queries.invalidateQueries({ queryKey: jobQuery(id).queryKey });
  }, wait);
}
