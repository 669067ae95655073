import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Call, Job } from '../../client/index.js';
import { callsQuery } from '../api/queries.js';
import { count, duration, money } from '../shared/shown.js';
import { StatusBadge } from '../shared/status-badge.js';

type Pair = readonly [Job, Job];

const took = ({ startedAt, finishedAt }: Job): string =>
  startedAt === null || finishedAt === null
    ? '–'
    : duration((Date.parse(finishedAt) - Date.parse(startedAt)) / 1000);

const came = (job: Job): string => {
  if (job.forkOf) return `forked from ${job.forkOf.fromStep}`;
  if (job.retryOf) return 'a retry';
  return job.rerunOf ? 'run again' : 'submitted';
};

const reused = ({ steps }: Job): string =>
  steps
    .filter((step) => step.reused)
    .map(({ title }) => title)
    .join(', ') || 'nothing';

/** A row a figure, so that the two can be read against each other. */
const figures: readonly [string, (job: Job, calls: readonly Call[]) => string][] = [
  ['Made', came],
  ['Models', (_, calls) => [...new Set(calls.map(({ model }) => model))].join(', ') || '–'],
  ['Prompts', (_, calls) => [...new Set(calls.map(({ prompt }) => prompt))].join(', ') || '–'],
  ['Cost', ({ usage }) => money(usage?.costUsd)],
  ['Wasted', ({ usage }) => money(usage?.wastedUsd)],
  ['Saved', ({ usage }) => money(usage?.savedUsd)],
  ['Tokens in', ({ usage }) => count(usage?.inputTokens)],
  ['Tokens out', ({ usage }) => count(usage?.outputTokens)],
  ['Took', took],
  ['Reused', reused],
];

export function CompareFigures({ jobs }: { jobs: Pair }) {
  const calls = useQueries({
    queries: jobs.map(({ id, usage }) => ({ ...callsQuery(id), enabled: usage !== null })),
  });
  const said = figures.map(([name, say]) => ({
    name,
    values: jobs.map((job, index) => say(job, calls[index]?.data?.items ?? [])),
  }));
  return (
    <section className="panel scroll" aria-label="Figures of both" tabIndex={0}>
      <table className="compare">
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Figure</span>
            </th>
            {jobs.map(({ id, status, partial }) => (
              <th key={id} scope="col">
                <StatusBadge status={status} partial={partial} />
                <Link to="/jobs/$id" params={{ id }} className="compare-id">
                  {id}
                </Link>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {said.map(({ name, values }) => (
            <tr key={name} className={values[0] === values[1] ? undefined : 'compare-differs'}>
              <th scope="row">{name}</th>
              {values.map((value, index) => (
                <td key={jobs[index]?.id}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
