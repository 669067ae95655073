import { daysTo1904, isDateFormat } from '../dates.js';
import type { Texts } from '../held/texts.js';
import type { CellValue } from '../table.js';
import { decodeEscapes } from './markup.js';

/** What the values of cells refer to. */
export interface CellContext {
  strings: Pick<Texts, 'at'>;
  formats: readonly (string | undefined)[];
  is1904: boolean;
}

/** A cell as the file has it. */
export interface RawCell {
  /** `t` in the file: how the value is written. */
  type: string;
  /** `s` in the file. */
  style: number;
  text: string;
}

export const formatOfCell = ({ style }: RawCell, { formats }: CellContext): string | undefined =>
  formats[style];

/** @throws for a cell that refers to a text that is not there */
export function valueOfCell(cell: RawCell, context: CellContext): CellValue {
  const { type, text } = cell;
  if (type === 's') {
    const string = context.strings.at(Number(text));
    if (string === undefined) throw new Error(`there is no text ${text.slice(0, 20)}`);
    return string === '' ? null : string;
  }
  if (type === 'inlineStr' || type === 'str' || type === 'e') return text === '' ? null : decodeEscapes(text);
  if (text === '') return null;
  if (type === 'b') return text === '1' || text.toLowerCase() === 'true';
  if (type === 'd') return text;
  const value = Number(text);
  if (!Number.isFinite(value)) return text;
  return context.is1904 && isDateFormat(formatOfCell(cell, context)) ? value + daysTo1904 : value;
}

/** Where a cell of the name "BC7" is: 54. Null for what is no name. */
export function columnOf(name: string): number | null {
  let column = 0;
  for (const character of name) {
    const code = character.charCodeAt(0);
    if (code < 65 || code > 90) break;
    column = column * 26 + code - 64;
  }
  return column === 0 ? null : column - 1;
}

/** "BC" of 54. */
export function columnName(column: number): string {
  let name = '';
  for (let rest = column + 1; rest > 0; rest = Math.floor((rest - 1) / 26)) {
    name = String.fromCharCode(65 + ((rest - 1) % 26)) + name;
  }
  return name;
}
