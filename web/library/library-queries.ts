import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import {
  listDocuments,
  listDocumentVersions,
  listFiles,
  listResearch,
  listResearchVersions,
  listStories,
  listStoryVersions,
  listWords,
  readDocument,
  readResearch,
  readStory,
} from '../../client/index.js';
import { ask } from '../api/problem-error.js';
import type { LibrarySearch } from './library-search.js';

export const pageSize = 50;

/** As many as the API gives at once. */
const mostVersions = 200;

/** What is not said is left out: the API takes an undefined field for a text. */
const said = <T extends object>(fields: T): { [Name in keyof T]?: NonNullable<T[Name]> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [Name in keyof T]?: NonNullable<T[Name]>;
  };

const page = (token: string | undefined) => ({ pageSize, ...said({ pageToken: token }) });

const kept = { placeholderData: keepPreviousData };

export const wordsQuery = ({
  page: token,
  search,
  sourceLang,
  targetLang,
  theme,
  partOfSpeech,
}: LibrarySearch) =>
  queryOptions({
    queryKey: ['library', 'words', { token, search, sourceLang, targetLang, theme, partOfSpeech }],
    queryFn: ({ signal }) => {
      const filters = said({ search, sourceLang, targetLang, theme, partOfSpeech });
      return ask(listWords({ query: { ...page(token), ...filters, counts: 'true' }, signal }));
    },
    ...kept,
  });

export const documentsQuery = ({ page: token, documentKind: kind, applicationId }: LibrarySearch) =>
  queryOptions({
    queryKey: ['library', 'documents', { token, kind, applicationId }],
    queryFn: ({ signal }) =>
      ask(listDocuments({ query: { ...page(token), ...said({ kind, applicationId }) }, signal })),
    ...kept,
  });

export const researchListQuery = ({ page: token, search }: LibrarySearch) =>
  queryOptions({
    queryKey: ['library', 'research', { token, search }],
    queryFn: ({ signal }) => ask(listResearch({ query: { ...page(token), ...said({ search }) }, signal })),
    ...kept,
  });

export const storiesQuery = ({ page: token, search }: LibrarySearch) =>
  queryOptions({
    queryKey: ['library', 'stories', { token, search }],
    queryFn: ({ signal }) => ask(listStories({ query: { ...page(token), ...said({ search }) }, signal })),
    ...kept,
  });

export const filesQuery = ({ page: token, search }: LibrarySearch) =>
  queryOptions({
    queryKey: ['library', 'files', { token, search }],
    queryFn: ({ signal }) => ask(listFiles({ query: { ...page(token), ...said({ search }) }, signal })),
    ...kept,
  });

/** @param version the latest when left out */
export const documentQuery = (documentId: string, version?: number) =>
  queryOptions({
    queryKey: ['library', 'documents', documentId, version ?? 'latest'],
    queryFn: ({ signal }) => ask(readDocument({ path: { documentId }, query: said({ version }), signal })),
  });

export const documentVersionsQuery = (documentId: string) =>
  queryOptions({
    queryKey: ['library', 'documents', documentId, 'versions'],
    queryFn: ({ signal }) =>
      ask(listDocumentVersions({ path: { documentId }, query: { pageSize: mostVersions }, signal })),
  });

export const researchQuery = (subject: string, version?: number) =>
  queryOptions({
    queryKey: ['library', 'research', subject, version ?? 'latest'],
    queryFn: ({ signal }) => ask(readResearch({ path: { subject }, query: said({ version }), signal })),
  });

export const researchVersionsQuery = (subject: string) =>
  queryOptions({
    queryKey: ['library', 'research', subject, 'versions'],
    queryFn: ({ signal }) =>
      ask(listResearchVersions({ path: { subject }, query: { pageSize: mostVersions }, signal })),
  });

export const storyQuery = (subject: string, version?: number) =>
  queryOptions({
    queryKey: ['library', 'stories', subject, version ?? 'latest'],
    queryFn: ({ signal }) => ask(readStory({ path: { subject }, query: said({ version }), signal })),
  });

export const storyVersionsQuery = (subject: string) =>
  queryOptions({
    queryKey: ['library', 'stories', subject, 'versions'],
    queryFn: ({ signal }) =>
      ask(listStoryVersions({ path: { subject }, query: { pageSize: mostVersions }, signal })),
  });
