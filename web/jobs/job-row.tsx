import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import type { JobSummary } from '../../client/index.js';
import { jobQuery } from '../api/queries.js';
import type { ColumnName } from './columns.js';
import { useSeen } from './in-sight.js';
import { cells } from './job-cells.js';

interface Given {
  summary: JobSummary;
  title: string;
  columns: readonly ColumnName[];
  selected: boolean;
  onSelect(id: string): void;
  onCancel(id: string): void;
}

/** Ended jobs whose sentence only the job itself has. */
const unhappy: ReadonlySet<JobSummary['status']> = new Set(['failed', 'cancelled', 'timed_out']);

/** One job of the list. What the list cannot tell is read from the job itself, once it is in sight. */
export const JobRow = memo(function JobRow({ summary, title, columns, selected, onSelect, onCancel }: Given) {
  const says = !summary.done || unhappy.has(summary.status);
  const [row, seen] = useSeen(says);
  const enabled = seen && says;
  const { data: job } = useQuery({ ...jobQuery(summary.id), enabled });
  const name = summary.subject ?? title;
  const done = job?.done ?? summary.done;
  const status = job?.status ?? summary.status;
  const usage = job?.usage ?? summary.usage;
  const seenJob = { summary, job, status, usage, name, onCancel };
  const { status: statusCell, ...others } = cells;
  return (
    <tr
      ref={says ? row : undefined}
      className={['job-row', !done && 'job-row-open', selected && 'job-row-selected']
        .filter(Boolean)
        .join(' ')}
    >
      <td className="cell-select">
        <input
          type="checkbox"
          aria-label={`Select ${name}`}
          checked={selected}
          onChange={() => onSelect(summary.id)}
        />
      </td>
      {columns.includes('status') && <td className="cell-status">{statusCell(seenJob)}</td>}
      <td className="cell-job">
        <Link to="/jobs/$id" params={{ id: summary.id }} data-job={summary.id} className="job-link">
          {name}
        </Link>
        <span className="quiet">{title}</span>
      </td>
      {columns.map((column) => {
        if (column === 'status') return null;
        const Cell = others[column];
        return <Cell key={column} {...seenJob} />;
      })}
    </tr>
  );
});
