import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { jobTypesQuery } from '../api/queries.js';
import { toFailure } from '../api/problem-error.js';
import { useNameInAddress } from '../shared/address.js';
import { Empty, Loading } from '../shared/empty.js';
import { usePageTitle } from '../shared/page-title.js';
import { ProblemNote } from '../shared/problem-note.js';
import { SubmitForm } from './submit-form.js';

/** The form of one job type. */
export function SubmitView() {
  const name = useNameInAddress('type');
  const { data: types, error } = useQuery(jobTypesQuery);
  const type = types?.find((one) => one.name === name);
  usePageTitle(type?.title ?? 'Submit');
  if (error && !types) return <ProblemNote failure={toFailure(error)} />;
  if (!types) return <Loading what="the form" lines={6} />;
  if (!type) {
    return (
      <Empty title="There is no job type of this name">
        <Link to="/submit">See those there are</Link>
      </Empty>
    );
  }
  return (
    <>
      <p>
        <Link to="/submit">All job types</Link>
      </p>
      <h1>{type.title}</h1>
      <p className="why">{type.description}</p>
      <SubmitForm key={type.name} type={type} />
    </>
  );
}
