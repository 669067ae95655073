import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useRef } from 'react';
import type { JobSummary } from '../../client/index.js';
import { toFailure } from '../api/problem-error.js';
import { jobQuery } from '../api/queries.js';
import { waitingQuery } from '../api/waiting.js';
import { Empty, Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { Chosen } from './chosen.js';
import { InboxList } from './inbox-list.js';
import { toInboxSearch } from './inbox-search.js';
import { useHeldBack } from './use-held-back.js';
import '../styles/decide.css';

/** Jobs whose questions are read at once; those that follow are shown when some of them are done with. */
const mostShown = 50;

/** From this width on, list and decision stand beside each other. */
const besides = '(min-width: 56.01rem)';

/** Temporal's list is a moment late: what the job itself says does not wait any more is left out. */
function useOpen(listed: readonly JobSummary[] | undefined) {
  const shown = listed?.slice(0, mostShown) ?? [];
  const jobs = useQueries({ queries: shown.map(({ id }) => jobQuery(id)) });
  return shown.flatMap((summary, index) => {
    const job = jobs[index]?.data;
    return job !== undefined && job.waitingFor.length === 0 ? [] : [{ summary, job }];
  });
}

/** All that waits for a person, and the decision on one of it. */
export default function InboxView() {
  const { job: chosen } = toInboxSearch(useSearch({ strict: false }));
  const { data, error, refetch } = useQuery({ ...waitingQuery, staleTime: Infinity });
  const { shown, news, showAll } = useHeldBack(data);
  const open = useOpen(shown);
  const navigate = useNavigate();
  // One that Temporal's list only thinks is open is not opened by itself.
  const first = open.find(({ job }) => job !== undefined)?.summary.id;
  const isFresh = useRef(true);
  usePageTitle(open.length > 0 ? `${open.length} to decide` : 'Decide');
  useEffect(() => {
    if (!data) return;
    // Once, where there is room for both: somebody who comes to decide sees at once on what.
    if (isFresh.current && !chosen && first !== undefined && matchMedia(besides).matches) {
      void navigate({ to: '/inbox', search: { job: first }, replace: true });
    }
    if (first !== undefined) isFresh.current = false;
  }, [data, chosen, first, navigate]);
  useEffect(() => {
    // Where there are no rows, none can move under the pointer.
    if (open.length === 0 && news > 0) showAll();
  }, [open.length, news, showAll]);
  const next = open.find(({ summary }) => summary.id !== chosen)?.summary.id;
  return (
    <div className={chosen ? 'inbox inbox-chosen' : 'inbox'}>
      <div className="inbox-side">
        <h1>Decide</h1>
        <div aria-live="polite" className="pill-place">
          {news > 0 && (
            <button type="button" className="pill" onClick={showAll}>
              {news === 1 ? '1 more waits' : `${news} more wait`}: show
            </button>
          )}
        </div>
        {error && !data && (
          <ProblemNote failure={toFailure(error)}>
            <button type="button" className="button" onClick={() => void refetch()}>
              Try again
            </button>
          </ProblemNote>
        )}
        {!data && !error && <Loading what="what waits" lines={4} />}
        {data && open.length === 0 && (
          <Empty title="Nothing waits for you">
            <p className="quiet">A job that asks a person appears here by itself.</p>
          </Empty>
        )}
        <InboxList open={open} chosen={chosen} />
        {(shown?.length ?? 0) > mostShown && <p className="quiet">The first {mostShown} are shown.</p>}
      </div>
      <div className="inbox-main">
        {chosen ? (
          <Chosen key={chosen} id={chosen} next={next} />
        ) : (
          open.length > 0 && <Empty title="Choose what to decide" />
        )}
      </div>
      {chosen && (
        <Link to="/inbox" className="inbox-back">
          All that waits
        </Link>
      )}
    </div>
  );
}
