import type { Condition } from '../../../job-types/fields/workbook/search.js';
import { StepFailure } from '../../frame/step-failure.js';
import { cellText } from '../cell-text.js';
import { isDateFormat, serialOfTime } from '../dates.js';
import { parseDate } from '../date-parsing.js';
import type { CellValue } from '../table.js';

/** Whether a cell meets a condition. */
export type CellTest = (value: CellValue, format: string | undefined) => boolean;

type Wanted = string | number | boolean;
type Texts = (text: string, wanted: string) => boolean;

/** Of texts, where case does not count. An empty cell contains nothing. */
const texts: Partial<Record<Condition['operator'], Texts>> = {
  contains: (text, wanted) => text.includes(wanted),
  not_contains: (text, wanted) => !text.includes(wanted),
  starts_with: (text, wanted) => text.startsWith(wanted),
  ends_with: (text, wanted) => text.endsWith(wanted),
};

/** By how a cell compares with what is wanted; null where the two cannot be compared. */
const orders: Partial<Record<Condition['operator'], (order: number) => boolean>> = {
  greater_than: (order) => order > 0,
  greater_than_or_equal: (order) => order >= 0,
  less_than: (order) => order < 0,
  less_than_or_equal: (order) => order <= 0,
  after: (order) => order > 0,
  before: (order) => order < 0,
};

export function conditionTest({ operator, value: wanted }: Condition): CellTest {
  if (operator === 'is_empty') return (value) => value === null;
  if (operator === 'is_not_empty') return (value) => value !== null;
  if (Array.isArray(wanted)) return between(wanted[0]!, wanted[1]!);
  if (wanted === undefined || wanted === null)
    throw new Error(`${operator} without a value passed its schema`);
  const isSame = equality(wanted);
  if (operator === 'equals') return isSame;
  if (operator === 'not_equals') return (value, format) => !isSame(value, format);
  const compare = texts[operator];
  if (compare) {
    const text = String(wanted).toLowerCase();
    return (value, format) => compare(cellText(value, format).toLowerCase(), text);
  }
  const order = orders[operator];
  if (!order) throw new Error(`nothing tests ${operator}`);
  if (operator === 'before' || operator === 'after') refuseNoDate(wanted);
  const orderOf = comparison(wanted);
  return (value, format) => {
    const found = orderOf(value, format);
    return found !== null && order(found);
  };
}

function refuseNoDate(wanted: Wanted): void {
  if (typeof wanted === 'string' && parseDate(wanted) !== null) return;
  throw new StepFailure(
    'operation-refused',
    `"${String(wanted).slice(0, 40)}" is no date; write it as 2026-01-31.`,
  );
}

function between(low: Wanted, high: Wanted): CellTest {
  const [fromLow, fromHigh] = [comparison(low), comparison(high)];
  return (value, format) => {
    const [above, below] = [fromLow(value, format), fromHigh(value, format)];
    return above !== null && below !== null && above >= 0 && below <= 0;
  };
}

/** "5" is the number 5, and is not the text "05". Texts are the same whatever their case. */
function equality(wanted: Wanted): CellTest {
  const text = String(wanted).toLowerCase();
  const orderOf = comparison(wanted);
  return (value, format) => {
    if (value === null) return text === '';
    if (typeof value === 'number') return orderOf(value, format) === 0;
    return cellText(value, format).toLowerCase() === text;
  };
}

/** How a cell stands to what is wanted: as numbers, as dates, or else as texts. */
function comparison(wanted: Wanted): (value: CellValue, format: string | undefined) => number | null {
  const number = typeof wanted === 'boolean' ? Number.NaN : numberIn(wanted);
  const date = typeof wanted === 'string' ? parseDate(wanted) : null;
  const text = String(wanted).toLowerCase();
  return (value, format) => {
    if (value === null) return null;
    if (typeof value === 'number') {
      const isDay = isDateFormat(format);
      const other = isDay && date !== null ? serialOfTime(date) : number;
      return Number.isNaN(other) ? null : Math.sign(value - other);
    }
    if (typeof value === 'boolean') return value === (text === 'true') ? 0 : null;
    const found = numberIn(value);
    if (!Number.isNaN(number)) return Number.isNaN(found) ? null : Math.sign(found - number);
    if (date !== null) {
      const time = parseDate(value);
      return time === null ? null : Math.sign(time - date);
    }
    return Math.sign(value.toLowerCase().localeCompare(text));
  };
}

const numberIn = (value: string | number): number =>
  typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
