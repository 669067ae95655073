import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { toFailure } from '../api/problem-error.js';
import { jobQuery, jobTypesQuery } from '../api/queries.js';
import { Empty, Loading } from '../shared/empty.js';
import { ProblemNote } from '../shared/problem-note.js';
import { time, words } from '../shared/shown.js';
import { StatusBadge } from '../shared/status-badge.js';
import { Decisions } from './decisions.js';

interface Given {
  id: string;
  /** Id of another job that waits. */
  next: string | undefined;
}

/** One job that asks: what it is, and everything that it asks. */
export function Chosen({ id, next }: Given) {
  const { data: job, error, refetch } = useQuery(jobQuery(id));
  const { data: types } = useQuery(jobTypesQuery);
  if (!job && error) {
    const failure = toFailure(error);
    if (failure.status === 404) return <Empty title="There is no job with this address" />;
    return (
      <ProblemNote failure={failure}>
        <button type="button" className="button" onClick={() => void refetch()}>
          Try again
        </button>
      </ProblemNote>
    );
  }
  if (!job) return <Loading what="what it asks" lines={6} />;
  const title = types?.find(({ name }) => name === job.type)?.title ?? words(job.type);
  return (
    <article>
      <header className="row row-between">
        <div>
          <h2>{title}</h2>
          <p className="quiet">
            <StatusBadge status={job.status} partial={job.partial} /> submitted {time(job.createdAt)}
          </p>
        </div>
        <Link to="/jobs/$id" params={{ id }} className="button button-small">
          Open the job
        </Link>
      </header>
      <Decisions job={job} />
      {job.waitingFor.length === 0 && (
        <p className="row">
          <span>Nothing waits here.</span>
          {next !== undefined && (
            <Link to="/inbox" search={{ job: next }} className="button button-main">
              Next
            </Link>
          )}
        </p>
      )}
    </article>
  );
}
