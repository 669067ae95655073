import { isDateFormat } from '../dates.js';
import { Numbers } from '../held/numbers.js';
import type { CellValue } from '../table.js';
import { type CellIn, type Change, type Normaliser, each } from './normaliser.js';
import type { Parameters } from './texts.js';

/** The number that a cell holds, or a text says; null for days, and for what is no number. */
export function numberOf({ value, format }: CellIn): number | null {
  if (typeof value === 'number') return isDateFormat(format) ? null : value;
  if (typeof value !== 'string' || value.trim() === '') return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

/** What is no number stays as it is. */
const ofNumber =
  (change: (number: number) => CellValue): Change =>
  (cell) => {
    const number = numberOf(cell);
    return number === null ? cell.value : change(number);
  };

/** 1.005 is rounded to 1.01: what is written counts, and not what the machine makes of it. */
export function roundTo(number: number, decimals: number): number {
  const text = String(number);
  if (text.includes('e')) return Number(number.toFixed(decimals));
  return Number(`${Math.round(Number(`${Math.abs(number)}e${decimals}`))}e-${decimals}`) * Math.sign(number);
}

/** "€1.234,50" and "$1,234.50" alike. Where only one mark is there, three digits behind it make thousands. */
export function amountOf(text: string): number | null {
  const isNegative = /^\s*\(.*\)\s*$|-/.test(text);
  const bare = text.replace(/[^\d.,]/g, '');
  if (!/\d/.test(bare)) return null;
  const last = Math.max(bare.lastIndexOf('.'), bare.lastIndexOf(','));
  const mark = bare[last] ?? '';
  const other = mark === ',' ? '.' : ',';
  const isOnce = bare.split(mark).length === 2;
  const isDecimal =
    last !== -1 &&
    isOnce &&
    (bare.includes(other) || bare.length - last - 1 !== 3 || (mark === '.' && last > 3));
  const whole = (isDecimal ? bare.slice(0, last) : bare).replace(/[.,]/g, '');
  const amount = Number(isDecimal ? `${whole || '0'}.${bare.slice(last + 1)}` : whole);
  if (!Number.isFinite(amount)) return null;
  return isNegative ? -amount : amount;
}

export const numberNormalisers = {
  round_decimal: ({ decimals = 2 }: Parameters) => each(ofNumber((number) => roundTo(number, decimals))),
  integer_convert: () => each(ofNumber((number) => Math.trunc(number))),
  currency_format: () =>
    each(
      (cell) =>
        numberOf(cell) ?? (typeof cell.value === 'string' ? amountOf(cell.value) : null) ?? cell.value,
    ),
  min_max_scale: () => onceKnown((all) => ofNumber(scale(all))),
  z_score: () => onceKnown((all) => ofNumber(standardise(all))),
  outlier_removal: ({ multiplier = 1.5 }: Parameters) =>
    onceKnown((all) => ofNumber(withoutOutliers(all, multiplier))),
};

/** A change that is known once all numbers of the column are. */
export function onceKnown(learn: (numbers: Float64Array) => Change): Normaliser {
  const numbers = new Numbers();
  return {
    add(cell, held) {
      const number = numberOf(cell);
      if (number !== null) numbers.add(number, held);
    },
    begin: () => learn(numbers.all),
  };
}

function scale(numbers: Float64Array): (number: number) => CellValue {
  let [low, high] = [Infinity, -Infinity];
  for (const number of numbers) [low, high] = [Math.min(low, number), Math.max(high, number)];
  return (number) => (high === low ? 0 : (number - low) / (high - low));
}

export const meanOf = (numbers: Float64Array): number =>
  numbers.reduce((sum, number) => sum + number, 0) / numbers.length;

/** By the deviation of a sample, whose divisor is one less than how many there are. */
function standardise(numbers: Float64Array): (number: number) => CellValue {
  const mean = meanOf(numbers);
  const squares = numbers.reduce((sum, number) => sum + (number - mean) ** 2, 0);
  const deviation = numbers.length > 1 ? Math.sqrt(squares / (numbers.length - 1)) : 0;
  return (number) => (deviation === 0 ? 0 : (number - mean) / deviation);
}

/** Between two values it lies as far as the share says. */
export function quantile(sorted: Float64Array, share: number): number {
  const at = (sorted.length - 1) * share;
  const low = Math.floor(at);
  const [below = Number.NaN, above = below] = [sorted[low], sorted[low + 1]];
  return below + (above - below) * (at - low);
}

function withoutOutliers(numbers: Float64Array, multiplier: number): (number: number) => CellValue {
  const sorted = numbers.toSorted();
  const [low, high] = [quantile(sorted, 0.25), quantile(sorted, 0.75)];
  const room = (high - low) * multiplier;
  return (number) => (number < low - room || number > high + room ? null : number);
}
