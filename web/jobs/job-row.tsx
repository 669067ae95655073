import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { Job, JobSummary } from '../../client/index.js';
import { jobQuery } from '../api/queries.js';
import { useNow } from '../shared/now.js';
import { duration, money, sentenceCase, words } from '../shared/shown.js';
import { StatusBadge } from '../shared/status-badge.js';
import { place, why } from '../shared/why.js';

interface Given {
  summary: JobSummary;
  title: string;
  onCancel(): void;
}

/** One job of the list. What the list cannot tell of an open job is read from the job itself. */
export const JobRow = memo(function JobRow({ summary, title, onCancel }: Given) {
  const { data: job } = useQuery({ ...jobQuery(summary.id), enabled: !summary.done });
  const now = useNow();
  const status = job?.status ?? summary.status;
  const usage = job?.usage ?? summary.usage;
  const done = job?.done ?? summary.done;
  const age = duration((now - Date.parse(summary.createdAt)) / 1000);
  return (
    <tr className={done ? 'job-row' : 'job-row job-row-open'}>
      <td data-name="Status">
        <StatusBadge status={status} partial={job?.partial ?? false} />
      </td>
      <td>
        <Link to="/jobs/$id" params={{ id: summary.id }} data-job={summary.id} className="job-link">
          {summary.subject ?? title}
        </Link>
        <span className="quiet job-type">
          {title}
          {summary.tags.map((tag) => (
            <span key={tag} className="tag">
              {tag}
            </span>
          ))}
        </span>
      </td>
      <td data-name="Where">
        <Where summary={summary} job={job} now={now} />
        {!done && status !== 'cancelling' && (
          <button
            type="button"
            className="button button-small"
            aria-label={`Cancel ${summary.subject ?? title}`}
            onClick={onCancel}
          >
            Cancel
          </button>
        )}
      </td>
      <td data-name="Cost" className="number money">
        {money(usage?.costUsd)}
      </td>
      <td data-name="Wasted" className={usage?.wastedUsd ? 'number money-bad' : 'number quiet'}>
        {money(usage?.wastedUsd)}
      </td>
      <td data-name="Saved" className={usage?.savedUsd ? 'number money-good' : 'number quiet'}>
        {money(usage?.savedUsd)}
      </td>
      <td data-name="Age" className="number quiet">
        {age}
      </td>
    </tr>
  );
});

function Where({ summary, job, now }: { summary: JobSummary; job: Job | undefined; now: number }) {
  if (!job)
    return (
      <span className="job-where">{sentenceCase(summary.progress?.message ?? words(summary.status))}</span>
    );
  const present = job.steps.find(({ name }) => name === job.progress.step);
  const attempt = !job.done && (present?.attempt ?? 1) > 1 ? `, attempt ${present?.attempt}` : '';
  return (
    <span className="job-where">
      {!job.done && (
        <span className="job-place">
          <progress
            value={job.progress.percent}
            max={100}
            aria-label={`${job.progress.percent} per cent done`}
          />
          {place(job)}
          {attempt}
        </span>
      )}
      <span className="quiet">{why(job, now)}</span>
    </span>
  );
}
