import { useSearch } from '@tanstack/react-router';
import { type ListSearch, toListSearch } from './filters.js';

/** What of the list the address bar asks for. */
export const useListSearch = (): ListSearch => toListSearch(useSearch({ strict: false }));
