import { parseDate } from '../date-parsing.js';
import { isDateFormat, timeOfSerial } from '../dates.js';
import type { CellValue } from '../table.js';
import { type CellIn, type Normaliser, each } from './normaliser.js';
import type { Parameters } from './texts.js';

/** The time that a cell means, in ms; null for what is no date. */
function timeOf({ value, format }: CellIn, dayFirst: boolean | undefined): number | null {
  if (typeof value === 'number') return isDateFormat(format) ? timeOfSerial(value) : null;
  return typeof value === 'string' ? parseDate(value, { dayFirst }) : null;
}

/** What is no date stays as it is. */
const ofDay = ({ day_first: dayFirst }: Parameters, change: (date: Date) => CellValue): Normaliser =>
  each((cell) => {
    const time = timeOf(cell, dayFirst);
    return time === null ? cell.value : change(new Date(time));
  });

const two = (number: number): string => String(number).padStart(2, '0');
const name = (date: Date, part: Intl.DateTimeFormatOptions): string =>
  date.toLocaleDateString('en-GB', { ...part, timeZone: 'UTC' });

/** The codes of strftime. */
const codes: Readonly<Record<string, (date: Date) => string>> = {
  Y: (date) => String(date.getUTCFullYear()).padStart(4, '0'),
  y: (date) => two(date.getUTCFullYear() % 100),
  m: (date) => two(date.getUTCMonth() + 1),
  d: (date) => two(date.getUTCDate()),
  H: (date) => two(date.getUTCHours()),
  I: (date) => two(date.getUTCHours() % 12 || 12),
  M: (date) => two(date.getUTCMinutes()),
  S: (date) => two(date.getUTCSeconds()),
  p: (date) => (date.getUTCHours() < 12 ? 'AM' : 'PM'),
  B: (date) => name(date, { month: 'long' }),
  b: (date) => name(date, { month: 'short' }).slice(0, 3),
  A: (date) => name(date, { weekday: 'long' }),
  a: (date) => name(date, { weekday: 'short' }),
  F: (date) => date.toISOString().slice(0, 10),
  T: (date) => date.toISOString().slice(11, 19),
  '%': () => '%',
};

/** A code that is not known stays as it stands. */
export const formatDate = (date: Date, format: string): string =>
  format.replace(/%(.)/g, (whole, code: string) => codes[code]?.(date) ?? whole);

export const dayNormalisers = {
  date_format: (parameters: Parameters) =>
    ofDay(parameters, (date) => formatDate(date, parameters.format ?? '%Y-%m-%d')),
  datetime_format: (parameters: Parameters) =>
    ofDay(parameters, (date) => formatDate(date, parameters.format ?? '%Y-%m-%d %H:%M:%S')),
  date_extract_year: (parameters: Parameters) => ofDay(parameters, (date) => date.getUTCFullYear()),
  date_extract_month: (parameters: Parameters) => ofDay(parameters, (date) => date.getUTCMonth() + 1),
  date_extract_day: (parameters: Parameters) => ofDay(parameters, (date) => date.getUTCDate()),
};
