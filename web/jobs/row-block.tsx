import { memo } from 'react';
import type { JobSummary } from '../../client/index.js';
import type { ColumnName } from './columns.js';
import { InSight, useSight } from './in-sight.js';
import { JobRow } from './job-row.js';

interface Given {
  jobs: readonly JobSummary[];
  /** By the type's name. */
  titles: ReadonlyMap<string, string>;
  columns: readonly ColumnName[];
  selected: ReadonlySet<string>;
  onSelect(id: string): void;
  onCancel(id: string): void;
}

/** Rows that come into sight together. Whatever a frame does for each that is not in sight, it does for a few blocks. */
export const RowBlock = memo(function RowBlock({ jobs, titles, selected, ...given }: Given) {
  const [block, { inSight, seen }] = useSight();
  return (
    <InSight value={inSight}>
      <tbody ref={block} style={{ '--rows': jobs.length } as React.CSSProperties}>
        {jobs.map((job) => (
          <JobRow
            key={job.id}
            summary={job}
            title={titles.get(job.type) ?? job.type}
            selected={selected.has(job.id)}
            seen={seen}
            {...given}
          />
        ))}
      </tbody>
    </InSight>
  );
});
