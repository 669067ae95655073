import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { dearestQuery } from '../api/house.js';
import { jobTypesQuery } from '../api/queries.js';
import { AnswerView } from '../shared/answer-view.js';
import { count, money, time } from '../shared/shown.js';

/** Where the money went. */
export function DearestJobs({ from }: { from: string }) {
  const answer = useQuery(dearestQuery(from));
  const { data: types } = useQuery(jobTypesQuery);
  return (
    <section className="panel">
      <h2>The dearest jobs</h2>
      <AnswerView answer={answer} what="the dearest jobs">
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">No job has cost anything.</p>
          ) : (
            <section className="scroll" aria-label="The dearest jobs" tabIndex={0}>
              <table className="spend-table">
                <thead>
                  <tr>
                    <th scope="col">Job</th>
                    {['Spent', 'Wasted', 'Saved', 'Calls'].map((name) => (
                      <th key={name} scope="col" className="number">
                        {name}
                      </th>
                    ))}
                  </tr>
                </thead>
                <tbody>
                  {items.map((job) => (
                    <tr key={job.jobId} data-job={job.jobId}>
                      <td>
                        <Link to="/jobs/$id" params={{ id: job.jobId }} className="job-link">
                          {job.subject ?? types?.find(({ name }) => name === job.type)?.title ?? job.type}
                        </Link>
                        <span className="quiet">
                          {types?.find(({ name }) => name === job.type)?.title ?? job.type} ·{' '}
                          {time(job.lastCallAt)}
                        </span>
                      </td>
                      <td className="number">{money(job.costUsd)}</td>
                      <td className={job.wastedUsd > 0 ? 'number money-bad' : 'number'}>
                        {money(job.wastedUsd)}
                      </td>
                      <td className={job.savedUsd > 0 ? 'number money-good' : 'number'}>
                        {money(job.savedUsd)}
                      </td>
                      <td className="number">{count(job.calls)}</td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </section>
          )
        }
      </AnswerView>
    </section>
  );
}
