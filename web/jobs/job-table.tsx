import { useNavigate } from '@tanstack/react-router';
import { memo, useCallback, useMemo, useRef, useState } from 'react';
import type { Job, JobSummary, JobType } from '../../client/index.js';
import { jobQuery, queries } from '../api/queries.js';
import { AgainDialog } from '../job/again-dialog.js';
import { CancelDialog } from '../job/cancel-dialog.js';
import { toBlocks } from './blocks.js';
import { type ColumnName, columns as allColumns, isNumeric, tracksOf } from './columns.js';
import { ManyDialog } from './many-dialog.js';
import { type Deed, fitting } from './many.js';
import { RowBlock } from './row-block.js';
import { useSelection } from './selection.js';
import { SelectionBar } from './selection-bar.js';
import { type Pressed, useRowKeys } from './use-row-keys.js';

interface Given {
  jobs: readonly JobSummary[];
  types: readonly JobType[];
  columns: readonly ColumnName[];
}

type Asked =
  { what: 'cancel'; id: string } | { what: 'retry'; job: Job } | { what: 'many'; deed: Deed } | null;

const titles = new Map(allColumns.map(({ name, title }) => [name, title]));

/** The rows. The one whose link has the keyboard is the one that letters are about, unless some are selected. */
export const JobTable = memo(function JobTable({ jobs, types, columns }: Given) {
  const table = useRef<HTMLTableElement>(null);
  const [asked, setAsked] = useState<Asked>(null);
  const navigate = useNavigate();
  const selection = useSelection(jobs);
  const { toggle, jobs: selected } = selection;
  const [cut, setCut] = useState(() => ({ of: jobs, blocks: toBlocks(jobs, []) }));
  if (cut.of !== jobs) setCut({ of: jobs, blocks: toBlocks(jobs, cut.blocks) });
  const titleOf = useMemo(
    () => new Map<string, string>(types.map(({ name, title }) => [name, title])),
    [types],
  );
  const onLetter = useCallback<Pressed>(
    (letter, id) => {
      const deed = { c: 'cancel', r: 'retry' }[letter] as Deed | undefined;
      if (deed && selected.length > 0) {
        if (fitting(selected, deed).length > 0) setAsked({ what: 'many', deed });
        return;
      }
      if (id === undefined) return;
      if (letter === 'x') toggle(id);
      if (deed === undefined) return;
      void queries.fetchQuery(jobQuery(id)).then((job) => {
        if (deed === 'cancel' && !job.done) setAsked({ what: 'cancel', id });
        if (deed === 'retry' && job.done && job.status !== 'succeeded') setAsked({ what: 'retry', job });
      });
    },
    [selected, toggle],
  );
  useRowKeys(table, onLetter);
  const cancel = useCallback((id: string) => setAsked({ what: 'cancel', id }), []);
  const close = () => setAsked(null);
  return (
    <>
      <table ref={table} className="jobs" style={{ '--tracks': tracksOf(columns) } as React.CSSProperties}>
        <caption className="visually-hidden">Jobs: j and k go through them, Enter opens one</caption>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Select all that are shown"
                checked={selected.length === jobs.length}
                onChange={selection.toggleAll}
              />
            </th>
            {columns.includes('status') && <th scope="col">Status</th>}
            <th scope="col">Job</th>
            {columns
              .filter((name) => name !== 'status')
              .map((name) => (
                <th key={name} scope="col" className={isNumeric(name) ? 'number' : undefined}>
                  {titles.get(name)}
                </th>
              ))}
          </tr>
        </thead>
        {cut.blocks.map(({ key, rows }) => (
          <RowBlock
            key={key}
            jobs={rows}
            titles={titleOf}
            columns={columns}
            selected={selection.ids}
            onSelect={toggle}
            onCancel={cancel}
          />
        ))}
      </table>
      <SelectionBar
        jobs={selected}
        onAsk={(deed) => setAsked({ what: 'many', deed })}
        onClear={selection.clear}
      />
      {asked?.what === 'cancel' && <CancelDialog job={asked} onClose={close} />}
      {asked?.what === 'many' && (
        <ManyDialog
          jobs={fitting(selected, asked.deed)}
          deed={asked.deed}
          onClose={close}
          onDone={() => {
            close();
            selection.clear();
          }}
        />
      )}
      {asked?.what === 'retry' && (
        <AgainDialog
          job={asked.job}
          how="retry"
          onClose={close}
          onDone={(id) => void navigate({ to: '/jobs/$id', params: { id } })}
        />
      )}
    </>
  );
});
