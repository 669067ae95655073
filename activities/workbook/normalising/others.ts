import { cellText } from '../cell-text.js';
import { Seen } from '../held/seen.js';
import type { CellValue } from '../table.js';
import { type CellIn, type Normaliser, dropped, each } from './normaliser.js';
import { meanOf, onceKnown, quantile } from './numbers.js';
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
    begin(held) {
      const seen = new Seen(held);
      return ({ value }) => (value === null || seen.add(JSON.stringify(value)) ? value : dropped);
    },
  }),
  fill_null_values: ({ method = 'value', value = '' }: Parameters): Normaliser => {
    const given = value === '' ? null : value;
    if (method === 'value') return each((cell) => cell.value ?? given);
    return method === 'mode' ? filledByMode(given) : filledByNumber(method, given);
  },
};

/** With what is given where the column has no number. */
const filledByNumber = (method: 'mean' | 'median', given: CellValue): Normaliser =>
  onceKnown((all) => {
    const typical = method === 'mean' ? meanOf(all) : quantile(all.toSorted(), 0.5);
    const filling = all.length === 0 ? given : typical;
    return (cell) => cell.value ?? filling;
  });

/** Bytes that the count of a value takes, besides its text. */
const countBytes = 100;

/** With the value that is there most often; of several, the one that was first so often. */
function filledByMode(given: CellValue): Normaliser {
  const counts = new Map<string, number>();
  let [best, most] = ['', 0];
  return {
    add({ value }, held) {
      if (value === null) return;
      const key = JSON.stringify(value);
      const count = (counts.get(key) ?? 0) + 1;
      if (count === 1) held.take(countBytes + key.length * 2);
      counts.set(key, count);
      if (count > most) [best, most] = [key, count];
    },
    begin() {
      const filling = most === 0 ? given : (JSON.parse(best) as CellValue);
      return (cell) => cell.value ?? filling;
    },
  };
}
