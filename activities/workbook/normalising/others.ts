import { cellText } from '../cell-text.js';
import type { CellValue } from '../table.js';
import { type CellIn, type Normaliser, dropped, each } from './normaliser.js';
import { meanOf, numberOf, quantile } from './numbers.js';
import type { Parameters } from './texts.js';

const yes = ['true', '1', 'yes', 'y', 'on'];

const isTrue = ({ true_values: values = yes }: Parameters) => {
  const words = new Set(values.map((value) => String(value).toLowerCase()));
  return ({ value, format }: CellIn) => words.has(cellText(value, format).trim().toLowerCase());
};

export const otherNormalisers = {
  /** An empty cell says neither. */
  boolean_convert: (parameters: Parameters) => {
    const test = isTrue(parameters);
    return each((cell) => (cell.value === null ? null : test(cell)));
  },
  yes_no_convert: (parameters: Parameters) => {
    const test = isTrue(parameters);
    return each((cell) => (cell.value === null ? null : test(cell) ? 'Yes' : 'No'));
  },
  /** The first row of each value stays, and all that are empty. */
  remove_duplicates: (): Normaliser => ({
    begin() {
      const seen = new Set<CellValue>();
      return ({ value }) => {
        if (value !== null && seen.has(value)) return dropped;
        seen.add(value);
        return value;
      };
    },
  }),
  fill_null_values: ({ method = 'value', value = '' }: Parameters): Normaliser => {
    const given = value === '' ? null : value;
    if (method === 'value') return each((cell) => cell.value ?? given);
    const values: CellIn[] = [];
    return {
      add(cell) {
        if (cell.value !== null) values.push(cell);
      },
      begin() {
        const filling = typical(values, method) ?? given;
        return (cell) => cell.value ?? filling;
      },
    };
  },
};

/** Null where the column has no number, or nothing at all. */
function typical(values: readonly CellIn[], method: 'mean' | 'median' | 'mode'): CellValue {
  if (method === 'mode') return mostFrequent(values);
  const numbers = values.flatMap((cell) => numberOf(cell) ?? []);
  if (numbers.length === 0) return null;
  return method === 'mean'
    ? meanOf(numbers)
    : quantile(
        numbers.toSorted((a, b) => a - b),
        0.5,
      );
}

function mostFrequent(values: readonly CellIn[]): CellValue {
  const counts = new Map<CellValue, number>();
  let best: CellValue = null;
  for (const { value } of values) {
    const count = (counts.get(value) ?? 0) + 1;
    counts.set(value, count);
    if (best === null || count > counts.get(best)!) best = value;
  }
  return best;
}
