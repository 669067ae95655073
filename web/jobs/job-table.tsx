import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import type { Job, JobSummary, JobType } from '../../client/index.js';
import { jobQuery, queries } from '../api/queries.js';
import { AgainDialog } from '../job/again-dialog.js';
import { CancelDialog } from '../job/cancel-dialog.js';
import { letterOf } from '../shared/letters.js';
import { JobRow } from './job-row.js';

interface Given {
  jobs: readonly JobSummary[];
  types: readonly JobType[];
}

type Asked = { what: 'cancel'; id: string } | { what: 'retry'; job: Job } | null;

const linksIn = (table: HTMLTableElement | null): HTMLElement[] => [
  ...(table?.querySelectorAll<HTMLElement>('a[data-job]') ?? []),
];

/** The rows. The one whose link has the keyboard is the one that letters are about. */
export function JobTable({ jobs, types }: Given) {
  const table = useRef<HTMLTableElement>(null);
  const [asked, setAsked] = useState<Asked>(null);
  const navigate = useNavigate();
  useEffect(() => {
    const move = (by: 1 | -1) => {
      const links = linksIn(table.current);
      const at = links.findIndex((link) => link === document.activeElement);
      const next = at === -1 ? 0 : Math.min(Math.max(at + by, 0), links.length - 1);
      links[next]?.focus();
    };
    const press = (event: KeyboardEvent) => {
      const letter = letterOf(event);
      if (letter === 'j') move(1);
      if (letter === 'k') move(-1);
      const id =
        document.activeElement instanceof HTMLElement ? document.activeElement.dataset['job'] : undefined;
      if (id === undefined || (letter !== 'c' && letter !== 'r')) return;
      void queries.fetchQuery(jobQuery(id)).then((job) => {
        if (letter === 'c' && !job.done) setAsked({ what: 'cancel', id });
        if (letter === 'r' && job.done && job.status !== 'succeeded') setAsked({ what: 'retry', job });
      });
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
  const close = () => setAsked(null);
  return (
    <>
      <table ref={table} className="jobs">
        <caption className="visually-hidden">Jobs: j and k go through them, Enter opens one</caption>
        <thead>
          <tr>
            <th scope="col">Status</th>
            <th scope="col">Job</th>
            <th scope="col">Where it is, and why</th>
            <th scope="col" className="number">
              Cost
            </th>
            <th scope="col" className="number">
              Wasted
            </th>
            <th scope="col" className="number">
              Saved
            </th>
            <th scope="col" className="number">
              Age
            </th>
          </tr>
        </thead>
        <tbody>
          {jobs.map((job) => (
            <JobRow
              key={job.id}
              summary={job}
              title={types.find(({ name }) => name === job.type)?.title ?? job.type}
              onCancel={() => setAsked({ what: 'cancel', id: job.id })}
            />
          ))}
        </tbody>
      </table>
      {asked?.what === 'cancel' && <CancelDialog job={asked} onClose={close} />}
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
}
