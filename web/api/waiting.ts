import { queryOptions, useQuery } from '@tanstack/react-query';
import { type JobSummary, listJobs } from '../../client/index.js';
import { ask } from './problem-error.js';
import { queries } from './queries.js';
import { readAgain } from './read-again.js';
import { useOwnerFeed } from './use-owner-feed.js';

/** As many as a page of the API has at most. More are told as "200+". */
export const mostWaiting = 200;

/** Every job that waits for a person; the newest first, as the API lists open jobs. */
export const waitingQuery = queryOptions({
  queryKey: ['waiting'],
  queryFn: async ({ signal }) =>
    (await ask(listJobs({ query: { status: 'waiting', pageSize: mostWaiting }, signal }))).items,
});

/**
 * Milliseconds after it was told: Temporal's list knows of it a moment later than the job itself. Where that is busy, the
 * moment is long, and nothing more would be told of a job that waits.
 */
const knownAfterMs = [0, 1_500, 5_000, 20_000, 60_000] as const;
const due = new Map<number, number>();

/** Reads the list again, soon and when Temporal's list has surely caught up. */
export function readWaitingAgain(): void {
  const read = () => void queries.invalidateQueries({ queryKey: waitingQuery.queryKey });
  for (const afterMs of knownAfterMs) {
    // What is told last has all of that time, and what was told before is read with it.
    window.clearTimeout(due.get(afterMs));
    due.set(afterMs, window.setTimeout(read, afterMs));
  }
}

/** Keeps the list of what waits up to date. Undefined until it has been read. */
export function useWaiting(): readonly JobSummary[] | undefined {
  const { data } = useQuery({ ...waitingQuery, staleTime: Infinity });
  useOwnerFeed({
    onEntry({ job, event }) {
      const isListed = data?.some(({ id }) => id === job) ?? false;
      if (isListed) readAgain(job);
      if (isListed || event.type === 'job.waiting') readWaitingAgain();
    },
    // What was told a moment before anybody listened may not be in Temporal's list yet.
    look: readWaitingAgain,
  });
  return data;
}
