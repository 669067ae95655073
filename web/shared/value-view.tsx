import { lazy, Suspense, useMemo } from 'react';
import { namedFiles } from '../../job-types/contract/named-files.js';
import { type JsonSchema, partOf, titleOf } from './described.js';
import { FileIds, FileLink, useIsFile } from './file-link.js';
import { ItemsTable } from './items-table.js';
import { part } from './part.js';

const Markdown = lazy(part(() => import('./markdown.js')));

export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Characters of a text that stands in a line of its own. */
const shortText = 120;

const isLong = (value: unknown): value is string =>
  typeof value === 'string' && (value.length > shortText || value.includes('\n'));

const isSmall = (value: unknown): boolean => !isLong(value) && (typeof value !== 'object' || value === null);

interface Given {
  value: unknown;
  /** What says how its parts are called; without it they are called by their names. */
  schema?: JsonSchema | undefined;
}

/** A value whose schema tells what its texts are: files are there to download. */
export function TypedValueView({ value, schema }: Given) {
  const ids = useMemo(() => new Set(namedFiles(schema, value).map(({ id }) => id)), [schema, value]);
  return (
    <FileIds value={ids}>
      <ValueView value={value} schema={schema} />
    </FileIds>
  );
}

/** Anything that is JSON, drawn for what it is: small values in a list, items as a table, long texts as Markdown. */
export function ValueView({ value, schema }: Given) {
  if (isLong(value)) {
    return (
      <Suspense fallback={<p className="prose">{value}</p>}>
        <Markdown text={value} />
      </Suspense>
    );
  }
  if (Array.isArray(value)) return <ListView values={value} schema={partOf(schema, 0)} />;
  if (isRecord(value)) return <RecordView record={value} schema={schema} />;
  return (
    <span>
      <SmallView value={value} />
    </span>
  );
}

function SmallView({ value }: { value: unknown }) {
  const isFile = useIsFile();
  return isFile(value) ? <FileLink id={value} /> : inLine(value);
}

function ListView({ values, schema }: { values: readonly unknown[]; schema: JsonSchema | undefined }) {
  if (values.length === 0) return <p className="quiet">None.</p>;
  if (values.every(isRecord)) return <ItemsTable items={values} schema={schema} />;
  return (
    <ul>
      {values.map((value, index) => (
        <li key={index}>
          <ValueView value={value} schema={schema} />
        </li>
      ))}
    </ul>
  );
}

function RecordView({ record, schema }: { record: Record<string, unknown>; schema: JsonSchema | undefined }) {
  const entries = Object.entries(record);
  const small = entries.filter(([, value]) => isSmall(value));
  return (
    <>
      {small.length > 0 && (
        <dl className="facts">
          {small.map(([name, value]) => (
            <div key={name}>
              <dt title={partOf(schema, name)?.description}>{titleOf(schema, name)}</dt>
              <dd>
                <SmallView value={value} />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {entries
        .filter(([, value]) => !isSmall(value))
        .map(([name, value]) => (
          <section key={name} className="part">
            <h3 title={partOf(schema, name)?.description}>{titleOf(schema, name)}</h3>
            <ValueView value={value} schema={partOf(schema, name)} />
          </section>
        ))}
    </>
  );
}

/** A value in a line or a cell. */
export function inLine(value: unknown): string {
  if (value === null || value === undefined || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return value.toLocaleString('en');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
