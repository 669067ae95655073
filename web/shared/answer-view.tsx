import type { UseQueryResult } from '@tanstack/react-query';
import { toFailure } from '../api/problem-error.js';
import { Loading } from './empty.js';
import { ProblemNote } from './problem-note.js';

interface Given<T> {
  answer: Pick<UseQueryResult<T>, 'data' | 'error' | 'refetch'>;
  /** What is being loaded, for those who hear the page. */
  what: string;
  lines?: number;
  children(data: T): React.ReactNode;
}

/** What was asked for; until it is there, its shape, and where it is refused, why. What was there before stays. */
export function AnswerView<T>({ answer: { data, error, refetch }, what, lines, children }: Given<T>) {
  return (
    <>
      {error && (
        <ProblemNote failure={toFailure(error)}>
          <button type="button" className="button" onClick={() => void refetch()}>
            Try again
          </button>
        </ProblemNote>
      )}
      {data === undefined ? !error && <Loading what={what} lines={lines ?? 4} /> : children(data)}
    </>
  );
}
