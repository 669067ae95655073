import { isDateFormat } from '../dates.js';
import type { CellValue, Row } from '../table.js';
import { type SheetCell, cellMarkup } from '../xlsx/sheet-cells.js';
import type { SheetRow } from '../xlsx/sheet-rewriting.js';
import type { Chain, RowChange } from './chains.js';
import type { Report } from './report.js';

export interface RowEditing {
  chains: readonly Chain[];
  change: RowChange;
  report: Report;
  /** Names of the columns that are added, and which chain's original each of them keeps. */
  added: readonly { name: string; column: number; chain: number }[];
}

/**
 * What rows of a sheet become. A cell that changes keeps its look; all others stay as they are. A row that is dropped is
 * emptied and not taken out, since formulas elsewhere name rows by their numbers.
 */
export function rowEditor(editing: RowEditing): (row: SheetRow) => string {
  let isFirst = true;
  return (row) => {
    if (row.cells.every(({ value }) => value === null)) return joined(row.cells);
    if (isFirst) {
      isFirst = false;
      return joined([
        ...row.cells,
        ...editing.added.map(({ name, column }) => added(row, { column, value: name })),
      ]);
    }
    return edited(row, editing);
  };
}

const joined = (cells: readonly SheetCell[]): string =>
  cells
    .toSorted((one, other) => one.column - other.column)
    .map(({ markup }) => markup)
    .join('');

function edited(row: SheetRow, { chains, change, report, added: columns }: RowEditing): string {
  const changed = change(asRow(row));
  if (!changed) {
    report.dropped += 1;
    return joined(
      row.cells.map((cell) => (cell.formula?.isShared ? cell : withValue(row, { cell, value: null }))),
    );
  }
  const cells = new Map(row.cells.map((cell) => [cell.column, cell]));
  const originals = chains.map(({ place }) => cells.get(place));
  for (const [number, { place }] of chains.entries()) {
    const cell = cells.get(place) ?? added(row, { column: place, value: null });
    cells.set(place, normalised(row, { cell, value: changed[number] ?? null, report }));
  }
  for (const { column, chain } of columns) {
    const original = originals[chain];
    const kept = added(row, { column, value: original?.value ?? null, style: original?.style });
    if (kept.value !== null) cells.set(column, kept);
  }
  return joined([...cells.values()]);
}

function asRow({ cells }: SheetRow): Row {
  const row: Row = { values: [], formats: [] };
  for (const { column, value, format } of cells) {
    if (value === null) continue;
    row.values[column] = value;
    row.formats![column] = format;
  }
  return row;
}

/** A formula becomes the value that it had. One that others are calculated by, or that was never calculated, stays. */
function normalised(
  row: SheetRow,
  { cell, value, report }: { cell: SheetCell; value: CellValue; report: Report },
): SheetCell {
  if (cell.formula && (cell.formula.isShared || !cell.formula.isCalculated)) {
    report.formulasKept += 1;
    return cell;
  }
  if (value === cell.value && !cell.formula) return cell;
  if (value !== cell.value) report.changed += 1;
  return withValue(row, { cell, value });
}

/** A number that was a day would be shown as another day, so that it loses its look. */
function withValue(row: SheetRow, { cell, value }: { cell: SheetCell; value: CellValue }): SheetCell {
  const losesLook = typeof value === 'number' && value !== cell.value && isDateFormat(cell.format);
  return added(row, { column: cell.column, value, style: losesLook ? undefined : cell.style });
}

function added(
  { number, prefix }: SheetRow,
  { column, value, style }: { column: number; value: CellValue; style?: string | undefined },
): SheetCell {
  const markup =
    value === null && style === undefined ? '' : cellMarkup({ row: number, column, style, prefix }, value);
  return { column, markup, value, format: undefined, style, formula: null };
}
