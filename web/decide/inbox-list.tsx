import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useRef } from 'react';
import type { Job, JobSummary } from '../../client/index.js';
import { jobTypesQuery } from '../api/queries.js';
import { useNow } from '../shared/now.js';
import { useRowKeys } from '../shared/row-keys.js';
import { duration, sentenceCase, words } from '../shared/shown.js';
import '../styles/side-list.css';

export interface OpenJob {
  summary: JobSummary;
  /** Undefined until it has been read. */
  job: Job | undefined;
}

/** What waits, the newest first. */
export function InboxList({ open, chosen }: { open: readonly OpenJob[]; chosen: string | undefined }) {
  const { data: types } = useQuery(jobTypesQuery);
  const list = useRef<HTMLUListElement>(null);
  const now = useNow();
  useRowKeys(list);
  return (
    <ul ref={list} className="side-list" aria-label="What waits: j and k go through it">
      {open.map(({ summary: { id, type, subject, createdAt }, job }) => {
        const title = types?.find(({ name }) => name === type)?.title ?? words(type);
        const asks = job?.waitingFor.map(({ name }) => sentenceCase(words(name))).join(', ');
        return (
          <li key={id}>
            <Link
              to="/inbox"
              search={{ job: id }}
              data-row={id}
              className={id === chosen ? 'side-row side-row-here' : 'side-row'}
              aria-current={id === chosen ? 'true' : undefined}
            >
              <span className="side-subject">{subject ?? title}</span>
              <span className="quiet">
                {asks ?? 'Waits'} · {title}
              </span>
              <span className="quiet number">{duration((now - Date.parse(createdAt)) / 1000)}</span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
