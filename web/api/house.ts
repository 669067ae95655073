import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  type ApiKey,
  createKey as makeKey,
  deleteDocument as removeDocument,
  type Document,
  listDearestJobs,
  listKeys,
  type NewApiKey,
  readOwnerBudgets,
  readSystem,
  readUsage,
  revokeKey as endKey,
} from '../../client/index.js';
import { ask, askedMs } from './problem-error.js';
import { queries } from './queries.js';

/** Groups of calls, as the sums are made. */
export type UsageGroup = 'day' | 'model' | 'type';

/** More days, models and types than a page shows. */
const mostGroups = 1_000;

export const usageQuery = (by: UsageGroup, from: string) =>
  queryOptions({
    queryKey: ['usage', by, from],
    queryFn: ({ signal }) => ask(readUsage({ query: { by, from, pageSize: mostGroups }, signal })),
    placeholderData: keepPreviousData,
  });

export const dearestQuery = (from: string) =>
  queryOptions({
    queryKey: ['usage', 'jobs', from],
    queryFn: ({ signal }) => ask(listDearestJobs({ query: { from }, signal })),
    placeholderData: keepPreviousData,
  });

export const budgetsQuery = queryOptions({
  queryKey: ['usage', 'budgets'],
  queryFn: ({ signal }) => ask(readOwnerBudgets({ signal })),
});

/** In ms. Nothing tells of these changes, so the page looks; a hidden tab does not. */
const lookAgainMs = 5_000;

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: ({ signal }) => ask(readSystem({ signal })),
  refetchInterval: ({ state }) => Math.max(lookAgainMs, askedMs(state.error)),
});

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async ({ signal }) => (await ask(listKeys({ signal }))).items,
});

const keysChanged = () => queries.invalidateQueries({ queryKey: keysQuery.queryKey });

export async function createKey(owner: string): Promise<NewApiKey> {
  const made = await ask(makeKey({ body: { owner } }));
  void keysChanged();
  return made;
}

export async function revokeKey(keyId: string): Promise<ApiKey> {
  const revoked = await ask(endKey({ path: { keyId } }));
  void keysChanged();
  return revoked;
}

export const deleteDocument = (documentId: string): Promise<Document> =>
  ask(removeDocument({ path: { documentId } }));
