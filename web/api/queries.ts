import { QueryClient, queryOptions } from '@tanstack/react-query';
import {
  type ListJobsData,
  listJobCalls,
  listJobItems,
  listJobs,
  listJobTypes,
  readJob,
} from '../../client/index.js';
import { ask, toFailure } from './problem-error.js';

const mostTries = 3;

/** What the request itself has wrong does not get better by being sent again. */
const worthAgain = (tries: number, error: Error): boolean => {
  const { status } = toFailure(error);
  return tries < mostTries && (status === 0 || status >= 500 || status === 429);
};

export const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: worthAgain, refetchOnWindowFocus: true, staleTime: 1_000, networkMode: 'always' },
    // The API may be on this very machine, which is reached without a network.
    mutations: { networkMode: 'always' },
  },
});

export const jobTypesQuery = queryOptions({
  queryKey: ['job-types'],
  queryFn: async () => (await ask(listJobTypes())).items,
  staleTime: Infinity,
});

export type JobFilters = NonNullable<ListJobsData['query']>;

export const jobsQuery = (filters: JobFilters) =>
  queryOptions({
    queryKey: ['jobs', filters],
    queryFn: ({ signal }) => ask(listJobs({ query: filters, signal })),
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

export const itemsQuery = (id: string) =>
  queryOptions({
    queryKey: ['job', id, 'items'],
    queryFn: ({ signal }) => ask(listJobItems({ path: { id }, query: { pageSize: mostItems }, signal })),
  });
