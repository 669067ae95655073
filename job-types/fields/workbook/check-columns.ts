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

/**
 * What can be told of a plan before it runs. If this names a column that the run would find, a plan that works is
 * refused. What is not certain is left for the run to tell. A step whose input is not known is not looked at.
 */
export function missingColumns(plan: Plan, { columns, others = {} }: KnownColumns): MissingColumn[] {
  const missing: MissingColumn[] = [];
  let known: readonly string[] | null = columns;
  for (const [number, step] of plan.entries()) {
    if (known === null) break;
    const has: readonly string[] = known;
    const of = (names: Named[], all: readonly string[]) =>
      names.filter(({ name }) => placeOf(name, all) === null).map((one) => ({ step: number, ...one }));
    missing.push(...of(namedIn(step, has), has));
    const other = otherOf(step, others);
    if (other) missing.push(...of(namedInOther(step), other));
    known = columnsAfter(step, { columns: has, other });
  }
  return missing;
}

function otherOf({ arguments: given }: PlanStep, others: Readonly<Record<string, readonly string[]>>) {
  return 'bind_file' in given && Object.hasOwn(others, given.bind_file) ? others[given.bind_file] : undefined;
}

const at = (path: readonly (string | number)[], names: readonly string[]): Named[] =>
  names.map((name, place) => ({ path: ['arguments', ...path, place], name }));

type Mapping = Readonly<Record<string, string>>;

/** Sources of a mapping from new names to columns, by the key that names them. One that is turned names columns alone. */
const ofMapping = (argument: string, mapping: Mapping, columns: readonly string[]): Named[] =>
  mappedColumns(mapping, columns).map(({ name, source }) => ({
    path: ['arguments', argument, name],
    name: source,
  }));

/** In JSON a mapping goes from the column to its new name, and the columns listed beside it do not count. */
function ofJsonMapping(mapping: Mapping, columns: readonly string[]): Named[] {
  const turned = Object.fromEntries(Object.entries(mapping).map(([source, name]) => [name, source]));
  return mappedColumns(turned, columns).map(({ source }) => ({
    path: ['arguments', 'column_mapping', source],
    name: source,
  }));
}

const isEmpty = (mapping: Mapping): boolean => Object.keys(mapping).length === 0;

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
  if (operation === 'excel/map-columns') return ofMapping('mapping', given.mapping, columns);
  if (operation === 'excel/bind-single-key') {
    return [{ path: ['arguments', 'comparison_column'], name: given.comparison_column }];
  }
  if (operation === 'excel/bind-multi-key') return at(['comparison_columns'], given.comparison_columns);
  if (operation === 'json/generate') {
    const { columns: listed, column_mapping: mapping } = given;
    return isEmpty(mapping) ? at(['columns'], listed) : ofJsonMapping(mapping, columns);
  }
  if (operation === 'json/generate-with-template') {
    return Object.entries(given.column_mapping).map(([key, name]) => ({
      path: ['arguments', 'column_mapping', key],
      name,
    }));
  }
  if (operation === 'sql/generate' || operation === 'sql/generate-to-text') {
    // Of the mapping beside a template only what the template names counts.
    const isMapped = !isEmpty(given.column_mapping) && !('template' in given && given.template);
    const mapped = isMapped ? ofMapping('column_mapping', given.column_mapping, columns) : [];
    return [...at(['columns'], given.columns), ...mapped];
  }
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

/** As the file calls the column that a name means. */
const ownName = (name: string, columns: readonly string[]): string =>
  columns[placeOf(name, columns) ?? -1] ?? name;

/** The columns of what a step makes; null where that is not known before it is made, or is no table. */
function columnsAfter(step: PlanStep, { columns, other }: Input): readonly string[] | null {
  const { operation, arguments: given } = step;
  if (keepColumns.has(operation)) return columns;
  if (operation === 'excel/extract-columns-to-file')
    return given.columns.map((name) => ownName(name, columns));
  if (operation === 'excel/map-columns') {
    return mappedColumns(given.mapping, columns).map(({ name }) => name);
  }
  if (operation === 'normalization/apply') {
    const kept = given.normalizations.filter((one) => one.backup_original);
    const names = new Set(kept.map((one) => `${ownName(one.column_name, columns)}_original`));
    return boundColumns(columns, [...names]);
  }
  if (!other) return null;
  if (operation === 'excel/bind-single-key') {
    return afterBind({ columns, other }, { keys: [given.comparison_column], added: given.bind_columns });
  }
  if (operation === 'excel/bind-multi-key') {
    return afterBind({ columns, other }, { keys: given.comparison_columns, added: given.bind_columns });
  }
  return null;
}

/** With no column named, all of the other file that are not compared. */
function afterBind(
  { columns, other }: { columns: readonly string[]; other: readonly string[] },
  { keys, added }: { keys: readonly string[]; added: readonly string[] },
): string[] {
  const compared = new Set(keys.map((name) => ownName(name, other)));
  const names =
    added.length > 0
      ? added.map((name) => ownName(name, other))
      : other.filter((name) => !compared.has(name));
  return boundColumns(columns, names);
}
