import { useQueries, useQuery } from '@tanstack/react-query';
import { Link, useSearch } from '@tanstack/react-router';
import type { Job } from '../../client/index.js';
import { jobQuery, jobTypesQuery } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import { useStory } from '../job/use-story.js';
import { Empty, Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { words } from '../shared/shown.js';
import { TypedValueView } from '../shared/value-view.js';
import { CompareFigures } from './compare-figures.js';
import { pairOf, toCompareSearch } from './compare-search.js';
import { differences } from './differences.js';

/** Differences that are drawn; the results stand below them as a whole. */
const mostRows = 200;

/** Two jobs side by side, such as two forks of one: what each cost, what it reused, and where their results differ. */
export function CompareView() {
  const ids = pairOf(toCompareSearch(useSearch({ strict: false })));
  const found = useQueries({ queries: ids.map((id) => jobQuery(id)) });
  const { data: types } = useQuery(jobTypesQuery);
  usePageTitle('Side by side');
  const error = found.find((one) => one.error)?.error;
  if (error) return <ProblemNote failure={toFailure(error)} />;
  const jobs = found.flatMap(({ data }) => data ?? []);
  const [left, right] = jobs;
  if (ids.length < 2) {
    return (
      <Empty title="Two jobs are needed">
        <p>
          <Link to="/">Select them in the list</Link>, or name them in the address: /compare?jobs=job_a,job_b
        </p>
      </Empty>
    );
  }
  if (!left || !right) return <Loading what="the two jobs" lines={8} />;
  const schemaOf = ({ type }: Job) => types?.find(({ name }) => name === type)?.result;
  return (
    <>
      <h1>Side by side</h1>
      {jobs.map(({ id, done }) => !done && <Followed key={id} id={id} />)}
      <CompareFigures jobs={[left, right]} />
      {left.result !== null && right.result !== null && <Differences left={left} right={right} />}
      <div className="side-by-side">
        {[left, right].map((job) => (
          <section key={job.id} className="panel" aria-label={`Result of ${job.id}`}>
            <h2>
              <Link to="/jobs/$id" params={{ id: job.id }}>
                {job.id}
              </Link>
            </h2>
            {job.result === null ? (
              <p className="quiet">No result: it is {words(job.status)}.</p>
            ) : (
              <TypedValueView value={job.result} schema={schemaOf(job)} />
            )}
          </section>
        ))}
      </div>
    </>
  );
}

/** A fork is often looked at before it has ended. */
function Followed({ id }: { id: string }) {
  useStory(id);
  return null;
}

function Differences({ left, right }: { left: Job; right: Job }) {
  const { differ, same } = differences(left.result, right.result);
  return (
    <section className="panel" aria-labelledby="differences">
      <h2 id="differences">Where the results differ</h2>
      <p className="quiet">
        {differ.length === 0
          ? `Nowhere: ${same} places say the same.`
          : `At ${differ.length} places; ${same} say the same.`}
      </p>
      {differ.length > 0 && (
        <section className="scroll" aria-label="Differences" tabIndex={0}>
          <table className="differences">
            <thead>
              <tr>
                <th scope="col">Where</th>
                <th scope="col">{left.id}</th>
                <th scope="col">{right.id}</th>
              </tr>
            </thead>
            <tbody>
              {differ.slice(0, mostRows).map(({ at, left: ours, right: theirs }) => (
                <tr key={at}>
                  <th scope="row">{at === '' ? 'the result' : words(at)}</th>
                  <td>{ours === null ? <em className="quiet">nothing</em> : <del>{ours}</del>}</td>
                  <td>{theirs === null ? <em className="quiet">nothing</em> : <ins>{theirs}</ins>}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {differ.length > mostRows && <p className="quiet">The first {mostRows} are shown.</p>}
    </section>
  );
}
