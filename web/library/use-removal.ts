import { useMutation } from '@tanstack/react-query';
import { queries } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import type { KindName } from './kinds.js';

/** What deletes things of one kind, and reads their lists again. */
export function useRemoval(kind: KindName, remove: (id: string) => Promise<unknown>) {
  const { mutate, isPending, error } = useMutation({
    mutationFn: remove,
    // What somebody else has deleted meanwhile is gone from the list as well.
    onSettled: () => queries.invalidateQueries({ queryKey: ['library', kind] }),
  });
  return { remove: mutate, removing: isPending, failure: error ? toFailure(error) : null };
}
