import { placeOf } from './find-column.js';

/** A column under the name that it gets. */
export interface MappedColumn {
  name: string;
  source: string;
}

/**
 * From new names to columns of the file; all of them under their own names, where the mapping is empty. If no right
 * side is a column and every left side is one, it can only be meant the other way round, and is turned.
 */
export function mappedColumns(
  mapping: Readonly<Record<string, string>>,
  columns: readonly string[],
): MappedColumn[] {
  const pairs = Object.entries(mapping).map(([name, source]) => ({ name, source }));
  if (pairs.length === 0) return columns.map((name) => ({ name, source: name }));
  const has = (name: string) => placeOf(name, columns) !== null;
  const isTurned = pairs.every(({ name, source }) => has(name) && !has(source));
  const names = new Set(pairs.map(({ source }) => source));
  return isTurned && names.size === pairs.length
    ? pairs.map(({ name, source }) => ({ name: source, source: name }))
    : pairs;
}
