import { Link } from '@tanstack/react-router';
import type { Job } from '../../client/index.js';
import { count, duration, money, time } from '../shared/shown.js';
import { StatusBadge } from '../shared/status-badge.js';

interface Head {
  job: Job;
  title: string;
  reason: string;
  /** Who holds its concurrency key. */
  behind: string | null;
  place: string;
  now: number;
  children: React.ReactNode;
}

/** What is seen first of a job. */
export function JobHead({ job, title, reason, behind, place, now, children }: Head) {
  const { usage, progress } = job;
  const from = Date.parse(job.startedAt ?? job.createdAt);
  const to = job.finishedAt === null ? now : Date.parse(job.finishedAt);
  const origin = job.retryOf ?? job.rerunOf ?? job.forkOf?.job ?? null;
  return (
    <header className="job-head">
      <p className="row">
        <StatusBadge status={job.status} partial={job.partial} />
        <span className="quiet">{place}</span>
      </p>
      <h1>{title}</h1>
      <p className="why">
        {reason}
        {job.status === 'queued' && behind !== null && (
          <>
            {' '}
            <Link to="/jobs/$id" params={{ id: behind }}>
              See that job
            </Link>
          </>
        )}
      </p>
      {!job.done && (
        <progress value={progress.percent} max={100} aria-label={`${progress.percent} per cent done`} />
      )}
      <p className="visually-hidden" role="status">
        {job.status}
      </p>
      <dl className="figures">
        <Figure
          name="Cost"
          value={money(usage?.costUsd)}
          hint={usage?.estimated ? 'partly estimated' : undefined}
        />
        <Figure name="Wasted" value={money(usage?.wastedUsd)} tone={usage?.wastedUsd ? 'bad' : undefined} />
        <Figure name="Saved" value={money(usage?.savedUsd)} tone={usage?.savedUsd ? 'good' : undefined} />
        <Figure
          name="Tokens in, out"
          value={`${count(usage?.inputTokens)} · ${count(usage?.outputTokens)}`}
        />
        <Figure name={job.done ? 'Took' : 'Since'} value={duration((to - from) / 1000)} />
        {job.budget && (
          <Figure
            name="Budget left"
            value={
              job.budget.costUsdLeft === null
                ? `${count(job.budget.tokensLeft)} tokens`
                : money(job.budget.costUsdLeft)
            }
          />
        )}
      </dl>
      {children}
      <p className="quiet">
        {job.id}, submitted {time(job.createdAt)}
        {job.tags.map((tag) => (
          <Link key={tag} to="/" search={{ tag }} className="tag">
            {tag}
          </Link>
        ))}
      </p>
      {origin !== null && (
        <p className="quiet">
          Made of{' '}
          <Link to="/jobs/$id" params={{ id: origin }}>
            {origin}
          </Link>
          {job.forkOf && job.forkOf.reuses.length > 0 && (
            <>
              , from {job.forkOf.fromStep} on: reuses {job.forkOf.reuses.join(', ')} and saves up to{' '}
              {money(job.forkOf.saves.costUsd)}
            </>
          )}
          {'. '}
          <Link to="/compare" search={{ jobs: `${origin},${job.id}` }}>
            See both side by side
          </Link>
        </p>
      )}
    </header>
  );
}

interface FigureOf {
  name: string;
  value: string;
  hint?: string | undefined;
  tone?: 'good' | 'bad' | undefined;
}

function Figure({ name, value, hint, tone }: FigureOf) {
  return (
    <div className={tone === undefined ? 'figure' : `figure figure-${tone}`}>
      <dt>{name}</dt>
      <dd>
        {value}
        {hint !== undefined && <small>{hint}</small>}
      </dd>
    </div>
  );
}
