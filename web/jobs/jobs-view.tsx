import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useCallback, useEffect, useMemo } from 'react';
import type { JobType } from '../../client/index.js';
import { jobsQuery, jobTypesQuery } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import { Empty, Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { toColumns } from './columns.js';
import { useListSearch } from './list-search.js';
import { FilterBar } from './filter-bar.js';
import { toFilters } from './filters.js';
import { JobTable } from './job-table.js';
import { useLiveJobs } from './use-live-jobs.js';

const noTypes: readonly JobType[] = [];

/** Every job of the owner, as far as the filters let it through. */
export function JobsView() {
  const search = useListSearch();
  const navigate = useNavigate();
  const columns = useMemo(() => toColumns(search.columns), [search.columns]);
  const { data: types } = useQuery(jobTypesQuery);
  const { data, error, refetch, isFetching } = useQuery(jobsQuery(toFilters(search)));
  const { live, news, look } = useLiveJobs(data, search);
  const isEmpty = data?.items.length === 0;
  const show = useCallback(() => {
    look();
    // What is new stands on the first page.
    if (search.page !== undefined) void navigate({ to: '/', search: { ...search, page: undefined } });
  }, [look, navigate, search]);
  useEffect(() => {
    // Where there are no rows, none can move under the pointer.
    if (isEmpty && news > 0 && !isFetching) show();
  }, [isEmpty, news, isFetching, show]);
  const active = data?.counts?.active ?? 0;
  usePageTitle(active > 0 ? `${active} active` : 'Jobs');
  const filtered = search.status ?? search.type ?? search.tag;
  return (
    <>
      <div className="row row-between">
        <h1>Jobs</h1>
        <span className={live ? 'live live-on' : 'live'} role="status">
          {live ? 'Live' : 'Looking again every few seconds'}
        </span>
      </div>
      <FilterBar search={search} types={types ?? noTypes} counts={data?.counts ?? null} />
      <div aria-live="polite" className="pill-place">
        {news > 0 && (
          <button type="button" className="pill" onClick={show}>
            {news === 1 ? '1 new job' : `${news} new jobs`}: show
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
      {!data && !error && <Loading what="the jobs" lines={8} />}
      {data && data.items.length > 0 && (
        <JobTable jobs={data.items} types={types ?? noTypes} columns={columns} />
      )}
      {isEmpty && (
        <Empty title={filtered ? 'No job fits' : 'No job yet'}>
          {filtered ? <Link to="/">Show all jobs</Link> : <Link to="/submit">Submit the first one</Link>}
        </Empty>
      )}
      <nav className="row" aria-label="Pages">
        {search.page && (
          <Link to="/" search={{ ...search, page: undefined }} className="button">
            First page
          </Link>
        )}
        {data?.nextPageToken && (
          <Link to="/" search={{ ...search, page: data.nextPageToken }} className="button">
            Older jobs
          </Link>
        )}
      </nav>
    </>
  );
}
