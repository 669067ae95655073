import type { Plan, PlanStep } from './workbook/plan.js';

/** A column that a step names and its input does not have. */
export interface WrongColumn {
  /** From 0. */
  step: number;
  argument: string;
  column: string;
}

/**
 * The columns that steps name and do not have, as far as that can be told before anything is run.
 * @param columns of the file that the first step is given
 */
export function wrongColumns(plan: Plan, columns: readonly string[]): WrongColumn[] {
  const wrong: WrongColumn[] = [];
  let known: readonly string[] | null = columns;
  for (const [step, one] of plan.entries()) {
    if (known === null) break;
    const has = new Set(known);
    const missing = named(one).filter(([, column]) => !has.has(column));
    wrong.push(...missing.map(([argument, column]) => ({ step, argument, column })));
    known = columnsAfter(one, known);
  }
  return wrong;
}

/** The columns that the arguments of a step name, each with the argument. */
function named({ operation, arguments: given }: PlanStep): [string, string][] {
  const all: [string, string][] = [];
  const add = (argument: string, columns: readonly string[]) => {
    for (const column of columns) all.push([argument, column]);
  };
  if ('columns' in given) add('columns', given.columns);
  if ('conditions' in given)
    add(
      'conditions',
      given.conditions.map(({ column }) => column),
    );
  if ('normalizations' in given)
    add(
      'normalizations',
      given.normalizations.map((one) => one.column_name),
    );
  if ('comparison_column' in given) add('comparison_column', [given.comparison_column]);
  if ('comparison_columns' in given) add('comparison_columns', given.comparison_columns);
  if ('mapping' in given) add('mapping', Object.values(given.mapping));
  if ('column_mapping' in given) {
    const fromFile = operation === 'json/generate';
    add('column_mapping', fromFile ? Object.keys(given.column_mapping) : Object.values(given.column_mapping));
  }
  return all;
}

/** Null where only the run can tell. */
function columnsAfter(
  { operation, arguments: given }: PlanStep,
  before: readonly string[],
): readonly string[] | null {
  if (operation === 'excel/extract-columns' || operation === 'csv/convert-to-excel') return before;
  if (operation === 'excel/extract-columns-to-file') return given.columns;
  if (operation === 'excel/map-columns') {
    const names = Object.keys(given.mapping);
    return names.length === 0 ? before : names;
  }
  if (operation === 'excel/search' || operation === 'csv/search') {
    return given.output_format === 'json' ? null : before;
  }
  if (operation !== 'normalization/apply') return null;
  const kept = given.normalizations.filter((one) => one.backup_original);
  return [...before, ...kept.map((one) => `${one.column_name}_original`)];
}
