import { type JobList, listJobs, type ListJobsData } from '../../client/index.js';
import { ask } from './problem-error.js';

/** As many jobs as the API lists at once. */
const mostAtOnce = 200;

/** A page of the list; one that is longer than the API gives is put together of several. */
export async function readJobs(
  filters: NonNullable<ListJobsData['query']>,
  signal: AbortSignal,
): Promise<JobList> {
  const { pageSize = mostAtOnce } = filters;
  const read = (query: typeof filters) => ask(listJobs({ query, signal }));
  let list = await read({ ...filters, pageSize: Math.min(pageSize, mostAtOnce) });
  while (list.items.length < pageSize && list.nextPageToken !== null) {
    const size = Math.min(pageSize - list.items.length, mostAtOnce);
    const more = await read({ ...filters, counts: 'false', pageSize: size, pageToken: list.nextPageToken });
    list = { ...more, items: [...list.items, ...more.items], counts: list.counts };
  }
  // A job that has ended while the pages were read can stand on two of them.
  return { ...list, items: [...new Map(list.items.map((job) => [job.id, job])).values()] };
}
