import type { UseQueryResult } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { AnswerView } from '../shared/answer-view.js';
import { Empty } from '../shared/empty.js';
import type { KindName } from './kinds.js';
import type { LibrarySearch } from './library-search.js';

interface Page<T> {
  items: readonly T[];
  nextPageToken: string | null;
}

interface Given<T> {
  kind: KindName;
  search: LibrarySearch;
  answer: UseQueryResult<Page<T>>;
  /** What is said where there is nothing, and how to get some. */
  empty: { title: string; how: React.ReactNode };
  children(items: readonly T[]): React.ReactNode;
}

/** One page of a list: filled, empty, on its way or refused; and the way to the next one. */
export function ListFrame<T>({ kind, search, answer, empty, children }: Given<T>) {
  const { page, ...filters } = search;
  const filtered = Object.values(filters).some((value) => value !== undefined);
  return (
    <AnswerView answer={answer} what={kind} lines={8}>
      {({ items, nextPageToken }) => (
        <>
          {items.length > 0 && children(items)}
          {items.length === 0 && filtered && (
            <Empty title="Nothing fits">
              <Link to="/library/$kind" params={{ kind }}>
                Show all
              </Link>
            </Empty>
          )}
          {items.length === 0 && !filtered && <Empty title={empty.title}>{empty.how}</Empty>}
          <nav className="row" aria-label="Pages">
            {page && (
              <Link to="/library/$kind" params={{ kind }} search={filters} className="button">
                First page
              </Link>
            )}
            {nextPageToken && (
              <Link
                to="/library/$kind"
                params={{ kind }}
                search={{ ...filters, page: nextPageToken }}
                className="button"
              >
                Older
              </Link>
            )}
          </nav>
        </>
      )}
    </AnswerView>
  );
}
