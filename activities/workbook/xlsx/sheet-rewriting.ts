import type { SaxesTagPlain } from 'saxes';
import { mostColumns } from '../../../job-types/fields/workbook/column-name.js';
import { type CellContext, columnOf, formatOfCell, valueOfCell } from './cell-value.js';
import { type MarkupReader, escapeAttribute, escapeText, markupReader } from './markup.js';
import type { SheetCell } from './sheet-cells.js';
import { longestRow, tooLong, tooWide } from './sheet-rows.js';

/** Cells of a row, which is Excel's limit. */
const mostCells = 16_384;

export interface SheetRow {
  /** `r` in the file. */
  number: string;
  /** Of the elements of the sheet, with its colon; mostly empty. */
  prefix: string;
  cells: SheetCell[];
}

export interface Rewriting {
  context: CellContext;
  /** @returns what stands between the tags of a row from now on */
  row: (row: SheetRow) => string;
}

/** Reads a sheet and writes the same again, but for its rows. */
export class SheetRewriter {
  private readonly reader: MarkupReader;
  private out = '';
  private row: SheetRow | null = null;
  private cell: (SheetCell & { type: string; said: string }) | null = null;
  private isSaid = false;
  private isSound = false;
  private next = 0;
  private lastRow = 0;
  /** Characters of the cells of the row, and of their tags. */
  private length = 0;

  constructor(private readonly rewriting: Rewriting) {
    this.reader = markupReader({
      open: (name, tag) => this.open(name, tag),
      text: (text) => this.text(text),
      close: (name, tag) => this.close(name, tag),
      declaration: () => this.write('<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'),
      comment: (comment) => this.write(`<!--${comment}-->`),
    });
  }

  /** @returns what can be written by now */
  push(text: string): string {
    this.reader.write(text);
    return this.taken();
  }

  end(): string {
    this.reader.close();
    return this.taken();
  }

  private taken(): string {
    const out = this.out;
    this.out = '';
    return out;
  }

  private write(text: string): void {
    if (this.cell) {
      this.cell.markup += text;
      this.length += text.length;
      if (this.length > longestRow) throw tooLong();
    } else if (!this.row) this.out += text;
  }

  private open(name: string, tag: SaxesTagPlain): void {
    // How far the sheet reaches is a hint that may be left out, and that would be wrong.
    if (name === 'dimension') return;
    if (name === 'row') {
      const number = tag.attributes['r'] ?? String(this.lastRow + 1);
      this.lastRow = Number(number);
      const attributes: Record<string, string> = { ...tag.attributes, r: number };
      // Up to which column it goes is another hint.
      delete attributes['spans'];
      this.write(opening({ ...tag, attributes, isSelfClosing: false }));
      this.row = { number, prefix: tag.name.slice(0, -'row'.length), cells: [] };
      this.next = 0;
      this.length = 0;
      return;
    }
    if (name === 'c' && this.row) this.openCell(tag);
    if (this.cell && name === 'f') this.openFormula(tag);
    if (name === 'v' || (name === 't' && !this.isSound)) this.isSaid = true;
    if (name === 'rPh') this.isSound = true;
    this.write(opening(tag));
  }

  private openCell({ attributes }: SaxesTagPlain): void {
    const column = columnOf(attributes['r'] ?? '') ?? this.next;
    if (column >= mostCells) throw tooWide();
    this.next = column + 1;
    const own = { column, markup: '', value: null, format: undefined, style: attributes['s'], formula: null };
    this.cell = { ...own, type: attributes['t'] ?? 'n', said: '' };
  }

  private openFormula({ attributes }: SaxesTagPlain): void {
    const { ref = '', t: type = 'normal' } = attributes;
    const isShared = type === 'dataTable' || (ref.includes(':') && type !== 'normal');
    this.cell!.formula = { isShared, isCalculated: false };
  }

  private text(text: string): void {
    if (this.cell && this.isSaid) this.cell.said += text;
    this.write(escapeText(text));
  }

  private close(name: string, tag: SaxesTagPlain): void {
    if (name === 'dimension') return;
    if (name === 'v' || name === 't') this.isSaid = false;
    if (name === 'rPh') this.isSound = false;
    if (name === 'row' && this.row) {
      const { row } = this;
      this.row = null;
      this.write(`${this.rewriting.row(row)}</${tag.name}>`);
      return;
    }
    if (!tag.isSelfClosing) this.write(`</${tag.name}>`);
    if (name === 'c' && this.cell) this.closeCell(this.cell);
  }

  private closeCell({ type, said, ...cell }: SheetCell & { type: string; said: string }): void {
    const { context } = this.rewriting;
    const raw = { type, style: Number(cell.style ?? 0), text: said };
    cell.value = valueOfCell(raw, context);
    cell.format = formatOfCell(raw, context);
    if (cell.formula) cell.formula.isCalculated = said !== '' || type === 'str';
    this.cell = null;
    if (!this.row) return;
    if (cell.value !== null && cell.column >= mostColumns) throw tooWide();
    if (this.row.cells.length === mostCells) throw tooLong();
    this.row.cells.push(cell);
  }
}

function opening({ name, attributes, isSelfClosing }: SaxesTagPlain): string {
  let text = `<${name}`;
  for (const key of Object.keys(attributes)) text += ` ${key}="${escapeAttribute(attributes[key]!)}"`;
  return isSelfClosing ? `${text}/>` : `${text}>`;
}
