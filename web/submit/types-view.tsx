import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { jobTypesQuery } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import { Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';

/** What can be asked: a card a job type. */
export function TypesView() {
  usePageTitle('Submit');
  const { data: types, error } = useQuery(jobTypesQuery);
  return (
    <>
      <h1>Submit a job</h1>
      {error && <ProblemNote failure={toFailure(error)} />}
      {!types && !error && <Loading what="the job types" lines={6} />}
      <ul className="cards">
        {types?.map(({ name, title, description, steps, needsModel }) => (
          <li key={name} className="card">
            <h2>
              <Link to="/submit/$type" params={{ type: name }}>
                {title}
              </Link>
            </h2>
            <p>{description}</p>
            <p className="quiet">
              {steps.map((step) => step.title).join(' → ')}
              {needsModel && '. Needs a model'}
            </p>
          </li>
        ))}
      </ul>
    </>
  );
}
