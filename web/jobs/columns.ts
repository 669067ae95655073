/** What a row can show beside the job itself, in the order in which it is shown. */
export const columns = [
  { name: 'status', title: 'Status', width: '9rem' },
  { name: 'where', title: 'Where it is, and why', width: 'minmax(13rem, 1.4fr)' },
  { name: 'tags', title: 'Tags', width: 'minmax(6rem, 0.6fr)' },
  { name: 'cost', title: 'Cost', width: '5.25rem' },
  { name: 'wasted', title: 'Wasted', width: '5.25rem' },
  { name: 'saved', title: 'Saved', width: '5.25rem' },
  { name: 'tokens', title: 'Tokens', width: '6rem' },
  { name: 'age', title: 'Age', width: '4rem' },
] as const;

export type ColumnName = (typeof columns)[number]['name'];

export const usualColumns: readonly ColumnName[] = ['status', 'where', 'cost', 'wasted', 'saved', 'age'];

/** Columns that are read from the right, since they are numbers. */
const numeric: ReadonlySet<ColumnName> = new Set(['cost', 'wasted', 'saved', 'tokens', 'age']);

export const isNumeric = (name: ColumnName): boolean => numeric.has(name);

/** The columns of an address; names that there are not are passed over. */
export function toColumns(text: string | undefined): readonly ColumnName[] {
  if (text === undefined) return usualColumns;
  const wanted = new Set(text.split(','));
  return columns.filter(({ name }) => wanted.has(name)).map(({ name }) => name);
}

/** What the address says; nothing where the columns are the usual ones, and "none" where there is none. */
export function fromColumns(names: readonly ColumnName[]): string | undefined {
  const text = columns
    .filter(({ name }) => names.includes(name))
    .map(({ name }) => name)
    .join(',');
  return text === usualColumns.join(',') ? undefined : text || 'none';
}

/** The tracks of the grid that a row is: the box to select it, the job, and the columns. */
export const tracksOf = (names: readonly ColumnName[]): string => {
  const widths = new Map(columns.map(({ name, width }) => [name, width]));
  const [first, ...rest] = names[0] === 'status' ? names : [undefined, ...names];
  const tracks = ['1.25rem', first && widths.get(first), 'minmax(9rem, 1fr)'];
  return [...tracks, ...rest.map((name) => name && widths.get(name))].filter(Boolean).join(' ');
};
