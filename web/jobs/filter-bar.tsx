import { Link, useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { JobList, JobType } from '../../client/index.js';
import { sentenceCase, words } from '../shared/shown.js';
import { type ListSearch, statuses } from './filters.js';
import { ViewMenu } from './view-menu.js';

interface Given {
  search: ListSearch;
  types: readonly JobType[];
  counts: JobList['counts'];
}

/** Filters are addresses: they can be kept, sent to others and gone back from. */
export function FilterBar({ search, types, counts }: Given) {
  const navigate = useNavigate({ from: '/' });
  const typeField = useId();
  const change = (wish: ListSearch) =>
    void navigate({ to: '/', search: { ...search, page: undefined, ...wish } });
  return (
    <div className="filters">
      <nav aria-label="By status" className="tabs">
        <Tab search={search} status={undefined} name="All" count={undefined} />
        {statuses.map((status) => (
          <Tab
            key={status}
            search={search}
            status={status}
            name={sentenceCase(words(status))}
            count={status === 'waiting' ? undefined : counts?.[status]}
          />
        ))}
      </nav>
      <div className="row">
        <label htmlFor={typeField} className="visually-hidden">
          Type
        </label>
        <select
          id={typeField}
          value={search.type ?? ''}
          onChange={({ target }) => change({ type: target.value === '' ? undefined : target.value })}
        >
          <option value="">Every type</option>
          {types.map(({ name, title }) => (
            <option key={name} value={name}>
              {title}
            </option>
          ))}
        </select>
        <TagField key={search.tag} tag={search.tag ?? ''} onChange={(tag) => change({ tag })} />
        <ViewMenu search={search} />
      </div>
    </div>
  );
}

/** Looked for when it is written to the end. */
function TagField({ tag, onChange }: { tag: string; onChange(tag: string | undefined): void }) {
  const [text, setText] = useState(tag);
  const field = useId();
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onChange(text.trim() === '' ? undefined : text.trim());
      }}
    >
      <label htmlFor={field} className="visually-hidden">
        Tag
      </label>
      <input
        id={field}
        type="search"
        placeholder="Tag"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
    </form>
  );
}

interface TabOf {
  search: ListSearch;
  status: ListSearch['status'];
  name: string;
  count: number | undefined;
}

function Tab({ search, status, name, count }: TabOf) {
  const here = search.status === status;
  return (
    <Link
      to="/"
      search={{ ...search, status, page: undefined }}
      className={here ? 'tab tab-here' : 'tab'}
      aria-current={here ? 'true' : undefined}
    >
      {name}
      {count !== undefined && <span className="number quiet"> {count}</span>}
    </Link>
  );
}
