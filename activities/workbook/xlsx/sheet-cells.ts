import { StepFailure } from '../../frame/step-failure.js';
import type { CellValue } from '../table.js';
import { columnName } from './cell-value.js';
import { encodeEscapes, escapeAttribute, escapeText } from './markup.js';

/** A cell of a sheet that is rewritten. */
export interface SheetCell {
  column: number;
  /** As it stood in the file. */
  markup: string;
  value: CellValue;
  format: string | undefined;
  /** `s` in the file; the look of the cell. */
  style: string | undefined;
  formula: Formula | null;
}

export interface Formula {
  /** Whether other cells are calculated by it, which would lose their own. */
  isShared: boolean;
  isCalculated: boolean;
}

/** A cell with another value and the same look. */
export function cellMarkup(
  { row, column, style, prefix }: { row: string; column: number; style: string | undefined; prefix: string },
  value: CellValue,
): string {
  const look = style === undefined ? '' : ` s="${escapeAttribute(style)}"`;
  const at = `r="${columnName(column)}${escapeAttribute(row)}"${look}`;
  const tag = (name: string) => `${prefix}${name}`;
  if (value === null) return `<${tag('c')} ${at}/>`;
  const said = (text: string) => `<${tag('v')}>${text}</${tag('v')}>`;
  if (typeof value === 'number') return `<${tag('c')} ${at}>${said(String(value))}</${tag('c')}>`;
  if (typeof value === 'boolean') return `<${tag('c')} ${at} t="b">${said(value ? '1' : '0')}</${tag('c')}>`;
  const text = `<${tag('t')} xml:space="preserve">${escapeText(cellTextOf(value))}</${tag('t')}>`;
  return `<${tag('c')} ${at} t="inlineStr"><${tag('is')}>${text}</${tag('is')}></${tag('c')}>`;
}

/** Characters in a cell, which is Excel's limit. */
const longestCell = 32_767;

/** @throws {StepFailure} operation-refused */
export function cellTextOf(text: string): string {
  if (text.length > longestCell) {
    throw new StepFailure(
      'operation-refused',
      `A cell has ${text.length} characters; a workbook takes ${longestCell}.`,
    );
  }
  return encodeEscapes(text);
}
