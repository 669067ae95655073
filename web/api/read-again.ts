import { createPace, type Pace } from '../../client/react/pace.js';
import { jobQuery, queries } from './queries.js';

const paces = new Map<string, Pace>();

/** What depends on the job, its calls and its items, begins with the same key. */
export const readNow = (id: string) => void queries.invalidateQueries({ queryKey: jobQuery(id).queryKey });

/** Reads a job again soon, and once for all that happens meanwhile. */
export function readAgain(id: string): void {
  const pace = paces.get(id) ?? createPace(() => readNow(id));
  paces.set(id, pace);
  pace.again();
}
