import { QueryClient, queryOptions, skipToken } from '@tanstack/react-query';
import {
  estimateJob,
  type JobType,
  type ListJobsData,
  listJobCalls,
  listJobItems,
  listJobTypes,
  readJob,
} from '../../client/index.js';
import { isRefusal, waitMs } from '../../client/react/waits.js';
import { ask, askedMs, toFailure } from './problem-error.js';
import { readJobs } from './read-jobs.js';

const mostTries = 3;

/** What the request itself has wrong does not get better by being sent again. */
const worthAgain = (tries: number, error: Error): boolean =>
  tries < mostTries && !isRefusal(toFailure(error).status);

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: worthAgain,
      retryDelay: (tries, error) => Math.max(waitMs(tries), askedMs(error)),
      refetchOnWindowFocus: true,
      staleTime: 1_000,
      networkMode: 'always',
    },
    // The API may be on this very machine, which is reached without a network.
    mutations: { networkMode: 'always' },
  },
});

export const jobTypesQuery = queryOptions({
  queryKey: ['job-types'],
  queryFn: async () => (await ask(listJobTypes())).items,
  staleTime: Infinity,
});

/**
 * What a job of a type would cost, by what the last ones have used.
 *
 * @param type undefined where it is not known yet, or not registered any more: then nothing is asked
 */
export const estimateQuery = (type: JobType['name'] | undefined) =>
  queryOptions({
    queryKey: ['estimate', type],
    queryFn: type ? ({ signal }) => ask(estimateJob({ path: { type }, signal })) : skipToken,
  });

export type JobFilters = NonNullable<ListJobsData['query']>;

export const jobsQuery = (filters: JobFilters) =>
  queryOptions({
    queryKey: ['jobs', filters],
    queryFn: ({ signal }) => readJobs(filters, signal),
    // Rows would move under the pointer of whoever comes back to the tab.
    refetchOnWindowFocus: false,
  });

/** Read when something tells that the job has changed. */
export const jobQuery = (id: string) =>
  queryOptions({
    queryKey: ['job', id],
    queryFn: ({ signal }) => ask(readJob({ path: { id }, signal })),
    staleTime: Infinity,
  });

export const callsQuery = (id: string) =>
  queryOptions({
    queryKey: ['job', id, 'calls'],
    queryFn: ({ signal }) => ask(listJobCalls({ path: { id }, query: { pageSize: 100 }, signal })),
  });

/** As many as a page of the API has at most; the API shows the others. */
export const mostItems = 200;

/** The items in their order, or those alone that failed, however far behind they stand. */
export const itemsQuery = (id: string, status?: 'failed') =>
  queryOptions({
    queryKey: ['job', id, 'items', status ?? 'all'],
    queryFn: ({ signal }) =>
      ask(listJobItems({ path: { id }, query: { pageSize: mostItems, ...(status && { status }) }, signal })),
  });
