import { useNavigate } from '@tanstack/react-router';
import { useId, useState } from 'react';
import type { KindName } from './kinds.js';
import type { LibrarySearch } from './library-search.js';

type Filter = Exclude<keyof LibrarySearch, 'page'>;

export interface FilterGiven {
  kind: KindName;
  search: LibrarySearch;
  filter: Filter;
  label: string;
}

/** Filters are addresses: they can be kept, sent to others and gone back from. */
function useFilter({ kind, search, filter }: FilterGiven) {
  const navigate = useNavigate();
  return (value: string) =>
    void navigate({
      to: '/library/$kind',
      params: { kind },
      search: { ...search, page: undefined, [filter]: value.trim() === '' ? undefined : value.trim() },
    });
}

/** Looked for when it is written to the end, or left. The keyboard stays where it is. */
export function TextFilter(given: FilterGiven) {
  const { search, filter, label } = given;
  const present = search[filter] ?? '';
  const change = useFilter(given);
  const field = useId();
  const [seen, see] = useState(present);
  const [text, setText] = useState(present);
  /** What was looked for from here, and is not in the address that is drawn yet. */
  const [sought, seek] = useState<string | null>(null);
  if (seen !== present) {
    see(present);
    // Somebody has gone back, or followed a link. Otherwise more may have been written meanwhile.
    if (present !== sought) setText(present);
    seek(null);
  }
  const look = (looked: string) => {
    const wanted = text.trim();
    if (wanted === looked) return;
    seek(wanted);
    change(wanted);
  };
  return (
    <form
      className="filter"
      onSubmit={(event) => {
        event.preventDefault();
        // What was sought may have come to nothing: another link was followed before it was drawn.
        look(present);
      }}
    >
      <label htmlFor={field}>{label}</label>
      <input
        id={field}
        type="search"
        value={text}
        onBlur={() => look(sought ?? present)}
        onChange={({ target }) => setText(target.value)}
      />
    </form>
  );
}

interface ChoiceGiven extends FilterGiven {
  all: string;
  choices: readonly { value: string; name: string }[];
}

export function ChoiceFilter({ all, choices, ...given }: ChoiceGiven) {
  const change = useFilter(given);
  const field = useId();
  const present = given.search[given.filter] ?? '';
  const known = choices.some(({ value }) => value === present);
  return (
    <div className="filter">
      <label htmlFor={field}>{given.label}</label>
      <select id={field} value={present} onChange={({ target }) => change(target.value)}>
        <option value="">{all}</option>
        {present !== '' && !known && <option value={present}>{present}</option>}
        {choices.map(({ value, name }) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
    </div>
  );
}
