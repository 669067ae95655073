import { boundColumns } from './bound-columns.js';
import { placeOf } from './find-column.js';
import { mappedColumns } from './mapped-columns.js';
import type { Plan, PlanStep } from './plan.js';

/** A column that a step names and its input will not have. */
export interface MissingColumn {
  /** From 0. */
  step: number;
  /** Into the step. */
  path: readonly (string | number)[];
  name: string;
}

/** A column that a step names, and where it does so. */
interface Named {
  path: readonly (string | number)[];
  name: string;
}

export interface KnownColumns {
  /** Of the file that the plan begins with. */
  columns: readonly string[];
  /** Of the other files of the conversation, by their names. */
  others?: Readonly<Record<string, readonly string[]>>;
}

/** What can be told of a plan before it runs. A step whose input is not known is not looked at. */
export function missingColumns(plan: Plan, { columns, others = {} }: KnownColumns): MissingColumn[] {
  const missing: MissingColumn[] = [];
  let known: readonly string[] | null = columns;
  for (const [number, step] of plan.entries()) {
    if (known === null) break;
    const has: readonly string[] = known;
    const of = (names: Named[], all: readonly string[]) =>
      names.filter(({ name }) => placeOf(name, all) === null).map((one) => ({ step: number, ...one }));
    missing.push(...of(namedIn(step, has), has));
    const other = 'bind_file' in step.arguments ? others[step.arguments.bind_file] : undefined;
    if (other) missing.push(...of(namedInOther(step), other));
    known = columnsAfter(step, { columns: has, other });
  }
  return missing;
}

const at = (path: readonly (string | number)[], names: readonly string[]): Named[] =>
  names.map((name, place) => ({ path: ['arguments', ...path, place], name }));

/** Sources of a mapping, by the key that names them. */
function ofMapping(mapping: Readonly<Record<string, string>>, columns: readonly string[]): Named[] {
  const isTurned = mappedColumns(mapping, columns).some(({ name }) => !Object.hasOwn(mapping, name));
  return isTurned
    ? []
    : Object.entries(mapping).map(([key, name]) => ({ path: ['arguments', 'mapping', key], name }));
}

function namedIn({ operation, arguments: given }: PlanStep, columns: readonly string[]): Named[] {
  if (operation === 'normalization/apply') {
    return given.normalizations.map(({ column_name: name }, place) => ({
      path: ['arguments', 'normalizations', place, 'column_name'],
      name,
    }));
  }
  if (operation === 'excel/search' || operation === 'csv/search') {
    return given.conditions.map(({ column: name }, place) => ({
      path: ['arguments', 'conditions', place, 'column'],
      name,
    }));
  }
  if (operation === 'excel/map-columns') return ofMapping(given.mapping, columns);
  if (operation === 'excel/bind-single-key') {
    return [{ path: ['arguments', 'comparison_column'], name: given.comparison_column }];
  }
  if (operation === 'excel/bind-multi-key') return at(['comparison_columns'], given.comparison_columns);
  return 'columns' in given ? at(['columns'], given.columns) : [];
}

function namedInOther({ operation, arguments: given }: PlanStep): Named[] {
  if (operation === 'excel/bind-single-key') {
    const key = { path: ['arguments', 'comparison_column'], name: given.comparison_column };
    return [key, ...at(['bind_columns'], given.bind_columns)];
  }
  if (operation !== 'excel/bind-multi-key') return [];
  return [
    ...at(['comparison_columns'], given.comparison_columns),
    ...at(['bind_columns'], given.bind_columns),
  ];
}

interface Input {
  columns: readonly string[];
  other: readonly string[] | undefined;
}

/** Operations that leave the columns as they are, or whose output the next step does not take. */
const keepColumns: ReadonlySet<string> = new Set([
  'excel/extract-columns',
  'excel/search',
  'csv/search',
  'csv/convert-to-excel',
]);

/** The columns of what a step makes; null where that is not known before it is made, or is no table. */
function columnsAfter(step: PlanStep, { columns, other }: Input): readonly string[] | null {
  const { operation, arguments: given } = step;
  const own = (name: string) => columns[placeOf(name, columns) ?? -1] ?? name;
  if (keepColumns.has(operation)) return columns;
  if (operation === 'excel/extract-columns-to-file') return given.columns.map(own);
  if (operation === 'excel/map-columns') {
    return mappedColumns(given.mapping, columns).map(({ name }) => name);
  }
  if (operation === 'normalization/apply') {
    const kept = given.normalizations.filter((one) => one.backup_original);
    const names = new Set(kept.map((one) => `${own(one.column_name)}_original`));
    return boundColumns(columns, [...names]);
  }
  if (operation === 'excel/bind-single-key' || operation === 'excel/bind-multi-key') {
    return given.bind_columns.length > 0 && other ? boundColumns(columns, given.bind_columns) : null;
  }
  return null;
}
