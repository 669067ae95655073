import { isDateFormat, serialText } from './dates.js';
import type { CellValue } from './table.js';

/** What a cell says, for files that know text alone. Empty for an empty one. */
export function cellText(value: CellValue, format?: string): string {
  if (value === null) return '';
  if (typeof value === 'number')
    return (isDateFormat(format) ? serialText(value) : null) ?? numberText(value);
  if (typeof value === 'boolean') return value ? 'TRUE' : 'FALSE';
  return value;
}

/** Without an exponent where the digits are few: 0.0000001 rather than 1e-7. */
function numberText(value: number): string {
  const text = String(value);
  if (!/e-\d+$/.test(text)) return text;
  const [digits = '', exponent = '0'] = text.split('e-');
  const places = Number(exponent) + (digits.split('.')[1]?.length ?? 0);
  return places <= 20 ? value.toFixed(places) : text;
}

/** What a cell holds, where a file knows numbers and truth but no dates. */
export const plainValue = (value: CellValue, format?: string): CellValue =>
  typeof value === 'number' && isDateFormat(format) ? cellText(value, format) : value;

/** The number that a text is, if it is written exactly as that number is: not 00123, not 1.10, not 20 digits. */
export function exactNumber(text: string): number | null {
  if (text.length > 22 || !/^-?\d/.test(text)) return null;
  const value = Number(text);
  if (!Number.isFinite(value) || Object.is(value, -0) || String(value) !== text) return null;
  // Excel keeps fifteen digits.
  return text.replace(/\D/g, '').replace(/^0+/, '').length <= 15 && !text.includes('e') ? value : null;
}
