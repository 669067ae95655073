import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { client } from '../../client/client.gen.js';
import { type Document, readUsage } from '../../client/index.js';
import type { ApiKey, ApiKeyList, NewApiKey } from '../../job-types/contract/api-key.js';
import type { DearestJobs, OwnerBudgets } from '../../job-types/contract/spend.js';
import type { System } from '../../job-types/contract/system.js';
import { ask } from './problem-error.js';
import { queries } from './queries.js';

const security = [{ scheme: 'bearer', type: 'http' }] as const;

/** What the API tells of itself has the form that it is checked with. */
const get = <T>(url: string, query: Record<string, unknown> = {}): Promise<T> =>
  ask(client.get<{ 200: T }>({ url, query, security }));

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
    queryFn: () => get<DearestJobs>('/v1/usage/jobs', { from }),
    placeholderData: keepPreviousData,
  });

export const budgetsQuery = queryOptions({
  queryKey: ['usage', 'budgets'],
  queryFn: () => get<OwnerBudgets>('/v1/usage/budgets'),
});

/** In ms. Nothing tells of these changes, so the page looks; a hidden tab does not. */
const lookAgainMs = 5_000;

export const systemQuery = queryOptions({
  queryKey: ['system'],
  queryFn: () => get<System>('/v1/system'),
  refetchInterval: lookAgainMs,
});

export const keysQuery = queryOptions({
  queryKey: ['keys'],
  queryFn: async () => (await get<ApiKeyList>('/v1/keys')).items,
});

const keysChanged = () => queries.invalidateQueries({ queryKey: keysQuery.queryKey });

export async function createKey(owner: string): Promise<NewApiKey> {
  const made = await ask(
    client.post<{ 201: NewApiKey }>({
      url: '/v1/keys',
      body: { owner },
      security,
      headers: { 'Content-Type': 'application/json' },
    }),
  );
  void keysChanged();
  return made;
}

export async function revokeKey(keyId: string): Promise<ApiKey> {
  const revoked = await ask(
    client.delete<{ 200: ApiKey }>({ url: '/v1/keys/{keyId}', path: { keyId }, security }),
  );
  void keysChanged();
  return revoked;
}

export const deleteDocument = (documentId: string): Promise<Document> =>
  ask(
    client.delete<{ 200: Document }>({ url: '/v1/documents/{documentId}', path: { documentId }, security }),
  );
