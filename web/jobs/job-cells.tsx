import { Link } from '@tanstack/react-router';
import { use } from 'react';
import type { Job, JobSummary } from '../../client/index.js';
import { useAsOfNow } from '../shared/now.js';
import { count, money, roughly, sentenceCase, words } from '../shared/shown.js';
import { StatusBadge } from '../shared/status-badge.js';
import { place, tryOf, why } from '../shared/why.js';
import { useBehind } from './behind.js';
import type { ColumnName } from './columns.js';
import type { ListSearch } from './filters.js';
import { InSight } from './in-sight.js';

interface Seen {
  summary: JobSummary;
  /** Absent before it has been read; of most ended jobs the summary says it all. */
  job: Job | undefined;
  status: Job['status'];
  usage: Job['usage'];
  name: string;
  onCancel(id: string): void;
}

/** What each column shows of a job. */
export const cells: Readonly<Record<ColumnName, (seen: Seen) => React.ReactNode>> = {
  status: ({ status, job }) => <StatusBadge status={status} partial={job?.partial ?? false} />,
  where: (seen) => (
    <td className="cell-where">
      <Where {...seen} />
      {!(seen.job?.done ?? seen.summary.done) && seen.status !== 'cancelling' && (
        <button
          type="button"
          className="button button-small row-act"
          aria-label={`Cancel ${seen.name}`}
          onClick={() => seen.onCancel(seen.summary.id)}
        >
          Cancel
        </button>
      )}
    </td>
  ),
  tags: ({ summary }) => (
    <td className="cell-tags" data-name="Tags">
      {summary.tags.map((tag) => (
        <Link
          key={tag}
          to="/"
          search={(before: ListSearch) => ({ ...before, tag, page: undefined })}
          className="tag"
        >
          {tag}
        </Link>
      ))}
    </td>
  ),
  cost: ({ usage }) => (
    <td className="number money" data-name="Cost">
      {money(usage?.costUsd)}
    </td>
  ),
  wasted: ({ usage }) => (
    <td className={usage?.wastedUsd ? 'number money-bad' : 'number quiet'} data-name="Wasted">
      {money(usage?.wastedUsd)}
    </td>
  ),
  saved: ({ usage }) => (
    <td className={usage?.savedUsd ? 'number money-good' : 'number quiet'} data-name="Saved">
      {money(usage?.savedUsd)}
    </td>
  ),
  tokens: ({ usage }) => (
    <td className="number quiet" data-name="Tokens">
      {usage === null ? '–' : count(usage.inputTokens + usage.outputTokens)}
    </td>
  ),
  age: ({ summary }) => (
    <td className="number quiet" data-name="Age">
      <Age since={summary.createdAt} />
    </td>
  ),
};

function Age({ since }: { since: string }) {
  const moment = Date.parse(since);
  return useAsOfNow((now) => roughly((now - moment) / 1000), use(InSight));
}

/** The sentence that a row has without the job itself. */
const brief = ({ progress, status }: JobSummary): string => sentenceCase(progress?.message ?? words(status));

function Where({ summary, job }: Seen) {
  const behind = useBehind(summary.id);
  const runs = use(InSight) && job !== undefined;
  const reason = useAsOfNow((now) => (job ? why(job, { now, behind }) : brief(summary)), runs);
  return (
    <span className="job-where">
      {job && !job.done && job.progress.step !== null && (
        <span className="job-place">
          <progress
            value={job.progress.percent}
            max={100}
            aria-label={`${job.progress.percent} per cent done`}
          />
          <span>
            {place(job)}
            {tryOf(job)}
          </span>
        </span>
      )}
      <span className="quiet">{reason}</span>
    </span>
  );
}
