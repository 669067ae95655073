import { useId, useState } from 'react';
import { type JsonSchema, partOf, titleOf } from './described.js';
import { FileLink, useIsFile } from './file-link.js';
import { LongText } from './long-text.js';

/** Rows that are drawn; a search finds the others. */
const mostRows = 200;
/** Items that nobody needs to search. */
const few = 8;

const cell = (value: unknown): string => {
  if (value === null || value === undefined) return '–';
  if (Array.isArray(value)) return value.map(cell).join(' · ');
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** What a model has written in paragraphs, such as a summary. */
const isWritten = (value: unknown): value is string => typeof value === 'string' && value.includes('\n');

interface Given {
  items: readonly Record<string, unknown>[];
  /** Of one of them. */
  schema?: JsonSchema | undefined;
}

/** Things of one kind, such as words: a column a field, with a search over all of them. */
export function ItemsTable({ items, schema }: Given) {
  const [search, setSearch] = useState('');
  const field = useId();
  const columns = [...new Set(items.flatMap((item) => Object.keys(item)))].filter((column) =>
    items.some((item) => item[column] !== null && item[column] !== undefined),
  );
  const wanted = search.trim().toLowerCase();
  const found =
    wanted === ''
      ? items
      : items.filter((item) => columns.some((column) => cell(item[column]).toLowerCase().includes(wanted)));
  return (
    <>
      {items.length > few && (
        <p className="row">
          <label htmlFor={field}>Search</label>
          <input id={field} type="search" value={search} onChange={({ target }) => setSearch(target.value)} />
          <span className="quiet" aria-live="polite">
            {wanted === '' ? `${items.length} in all` : `${found.length} of ${items.length}`}
          </span>
        </p>
      )}
      {/* Wider than a phone, it is scrolled: with the keyboard, too. */}
      <section className="scroll" aria-label="Items" tabIndex={0}>
        <table>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col" title={partOf(schema, column)?.description}>
                  {titleOf(schema, column)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {found.slice(0, mostRows).map((item, index) => (
              <tr key={index}>
                {columns.map((column) => (
                  <td key={column}>
                    <Cell value={item[column]} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {found.length > mostRows && (
        <p className="quiet">
          The first {mostRows} of {found.length}. Search for the others.
        </p>
      )}
    </>
  );
}

function Cell({ value }: { value: unknown }) {
  const isFile = useIsFile();
  if (isFile(value)) return <FileLink id={value} />;
  return isWritten(value) ? <LongText text={value} /> : cell(value);
}
