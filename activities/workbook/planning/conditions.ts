import type { Condition } from '../../../job-types/fields/workbook/search.js';
import { type Mention, mentionsIn } from './mentioned.js';

/** How people say what a value has to be like; the longest first. The value follows. */
const sayings: readonly { saying: RegExp; operator: Condition['operator'] }[] = [
  { saying: /^(is |are )?not empty\b|^(is |are )?(filled|present)\b/, operator: 'is_not_empty' },
  { saying: /^(is |are )?(empty|missing|blank|null)\b/, operator: 'is_empty' },
  { saying: /^(is |are )?between\s+/, operator: 'between' },
  {
    saying: /^(is |are )?(>=|at least|(greater|more|bigger|higher) than or equals?( to)?)\s*/,
    operator: 'greater_than_or_equal',
  },
  {
    saying: /^(is |are )?(<=|at most|(less|fewer|smaller|lower) than or equals?( to)?)\s*/,
    operator: 'less_than_or_equal',
  },
  { saying: /^(does not|doesn't|do not|not) contains?\s+/, operator: 'not_contains' },
  { saying: /^(!=|<>|(is|are) not( equal to)?|does not equal|not equals?( to)?)\s*/, operator: 'not_equals' },
  {
    saying: /^(is |are )?(>|(greater|more|bigger|higher|larger) than|over|above)\s*/,
    operator: 'greater_than',
  },
  { saying: /^(is |are )?(<|(less|fewer|smaller|lower) than|under|below)\s*/, operator: 'less_than' },
  { saying: /^(is |are )?before\s+/, operator: 'before' },
  { saying: /^(is |are )?after\s+/, operator: 'after' },
  { saying: /^(contains?|containing|includes?|including)\s+/, operator: 'contains' },
  { saying: /^(starts?|begins?|starting|beginning) with\s+/, operator: 'starts_with' },
  { saying: /^(ends?|ending) (with|in)\s+/, operator: 'ends_with' },
  { saying: /^(==?|(is|are)( equal to)?|equals?( to)?|:)\s*/, operator: 'equals' },
];

/** What a message says of columns that it names: "age over 30 and city is Lyon". */
export function conditionsIn(
  message: string,
  columns: readonly string[],
): { conditions: Condition[]; logic: 'AND' | 'OR' } {
  const mentions = mentionsIn(message, columns);
  const conditions = mentions.flatMap((mention, place) =>
    conditionAt(message, { mention, next: mentions[place + 1] }),
  );
  return {
    conditions,
    logic: conditions.length > 1 && /\bor\b/i.test(message) && !/\band\b/i.test(message) ? 'OR' : 'AND',
  };
}

function conditionAt(
  message: string,
  { mention, next }: { mention: Mention; next: Mention | undefined },
): Condition[] {
  const behind = message.slice(mention.to, next?.from).replace(/^["'`\s]+/, '');
  const lower = behind.toLowerCase();
  for (const { saying, operator } of sayings) {
    const said = saying.exec(lower);
    if (!said) continue;
    if (operator === 'is_empty' || operator === 'is_not_empty') return [{ column: mention.column, operator }];
    const value = valueIn(behind.slice(said[0].length));
    if (value === '') return [];
    if (operator !== 'between') return [{ column: mention.column, operator, value: typed(value) }];
    const [low, high] = value.split(/\s+and\s+|\s*-\s*/i);
    return low && high ? [{ column: mention.column, operator, value: [typed(low), typed(high)] }] : [];
  }
  return [];
}

/** What stands in quotes; otherwise all up to the end of the thought. */
function valueIn(text: string): string {
  const quoted = /^["'“‘`](.{1,1000}?)["'”’`]/.exec(text)?.[1];
  if (quoted !== undefined) return quoted;
  const between = /^\S+ and \S+/i.exec(text)?.[0];
  const isRange = between !== undefined && /^[\d.-]+ and [\d.-]+/i.test(between);
  const end = isRange
    ? text.slice(0, between.length)
    : text.split(/\s+(?:and|or|then)\b|[,;!?]|\.(?:\s|$)/i)[0]!;
  return end.trim().slice(0, 1000);
}

const typed = (text: string): string | number =>
  /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) ? Number(text) : text;
