import type { Entry } from 'yauzl';
import { mostColumns } from '../../../job-types/fields/workbook/column-name.js';
import { StepFailure } from '../../frame/step-failure.js';
import type { Reading } from '../reading.js';
import type { CellValue, Row } from '../table.js';
import type { Archive } from './archive.js';
import { type CellContext, columnOf, formatOfCell, valueOfCell } from './cell-value.js';
import { markupReader } from './markup.js';
import { feed } from './strings.js';

export interface SheetReading extends Reading {
  entry: Entry;
  context: CellContext;
  /** Told of a formula that has no stored value. */
  uncalculated: () => void;
}

/** The rows of a sheet that hold anything. Formulas count by their stored values. */
export async function* sheetRows(archive: Archive, reading: SheetReading): AsyncGenerator<Row> {
  const { entry, context, signal } = reading;
  let ready: Row[] = [];
  const collector = new RowCollector(reading, (row) => ready.push(row));
  const reader = markupReader({
    open: (name, tag) => collector.open(name, tag.attributes),
    text: (text) => collector.text(text),
    close: (name) => collector.close(name, context),
  });
  for await (const piece of archive.text(entry, signal)) {
    reading.read?.((piece.length * entry.compressedSize) / Math.max(1, entry.uncompressedSize));
    feed(archive, () => reader.write(piece));
    yield* ready;
    ready = [];
  }
  feed(archive, () => reader.close());
  yield* ready;
}

/** A cell that is beyond, and holds something. */
export const tooWide = (): StepFailure =>
  new StepFailure(
    'file-beyond-limit',
    `The table has a cell beyond its ${mostColumns} first columns, which are the most.`,
  );

/** Characters of the texts of a row. */
export const longestRow = 4_000_000;

export const tooLong = (): StepFailure =>
  new StepFailure('file-beyond-limit', `The table has a row of more than ${longestRow} characters.`);

class RowCollector {
  private values: CellValue[] = [];
  private formats: (string | undefined)[] | undefined;
  private column = -1;
  /** Characters of the row. */
  private length = 0;
  private type = '';
  private style = 0;
  private said = '';
  private isSaid = false;
  private isSound = false;
  private isFormula = false;

  constructor(
    private readonly reading: SheetReading,
    private readonly done: (row: Row) => void,
  ) {}

  open(name: string, attributes: Record<string, string>): void {
    if (name === 'c') {
      this.column = columnOf(attributes['r'] ?? '') ?? this.column + 1;
      this.type = attributes['t'] ?? 'n';
      this.style = Number(attributes['s'] ?? 0);
      this.said = '';
      this.isFormula = false;
    } else if (name === 'v') this.isSaid = true;
    else if (name === 't') this.isSaid = !this.isSound;
    else if (name === 'f') this.isFormula = true;
    else if (name === 'rPh') this.isSound = true;
    else if (name === 'row') {
      this.values = [];
      this.formats = undefined;
      this.length = 0;
      this.column = -1;
    }
  }

  text(text: string): void {
    if (!this.isSaid) return;
    this.said += text;
    this.length += text.length;
    if (this.length > longestRow) throw tooLong();
  }

  close(name: string, context: CellContext): void {
    if (name === 'v' || name === 't') this.isSaid = false;
    else if (name === 'rPh') this.isSound = false;
    else if (name === 'c') this.cell(context);
    else if (name === 'row' && this.values.some((value) => value !== null && value !== undefined)) {
      this.done({ values: Array.from(this.values, (value) => value ?? null), formats: this.formats });
    }
  }

  private cell(context: CellContext): void {
    const raw = { type: this.type, style: this.style, text: this.said };
    const value = valueOfCell(raw, context);
    if (value === null) {
      if (this.isFormula && this.said === '' && this.type !== 'str') this.reading.uncalculated();
      return;
    }
    if (this.column >= mostColumns) throw tooWide();
    this.values[this.column] = value;
    const format = formatOfCell(raw, context);
    if (format !== undefined) (this.formats ??= [])[this.column] = format;
  }
}
