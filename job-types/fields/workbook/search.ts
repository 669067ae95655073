import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { listOf, withAliases, word } from './aliases.js';
import { ColumnName } from './column-name.js';

export const operators = [
  'equals',
  'not_equals',
  'contains',
  'not_contains',
  'starts_with',
  'ends_with',
  'is_empty',
  'is_not_empty',
  'greater_than',
  'greater_than_or_equal',
  'less_than',
  'less_than_or_equal',
  'between',
  'before',
  'after',
] as const;

const otherNames = {
  '=': 'equals',
  '==': 'equals',
  equal: 'equals',
  is: 'equals',
  '!=': 'not_equals',
  '<>': 'not_equals',
  not_equal: 'not_equals',
  '>': 'greater_than',
  '>=': 'greater_than_or_equal',
  greater_than_or_equals: 'greater_than_or_equal',
  '<': 'less_than',
  '<=': 'less_than_or_equal',
  less_than_or_equals: 'less_than_or_equal',
  empty: 'is_empty',
  not_empty: 'is_not_empty',
} as const;

const One = z.union([z.string().max(10_000), z.number(), z.boolean()]);

const Value = z
  .union([One, z.array(One).length(2, 'has to be two values'), z.null()])
  .optional()
  .meta({ description: 'What it is compared with; two values for between, none for is_empty' });

const alone = new Set<string>(['is_empty', 'is_not_empty']);

interface Compared {
  operator: (typeof operators)[number];
  value?: unknown;
}

function checkValue({ value: { operator, value }, issues }: z.core.ParsePayload<Compared>): void {
  const complain = (message: string) =>
    issues.push({ code: 'custom', path: ['value'], message, input: value });
  if (alone.has(operator)) return;
  if (operator === 'between' && !Array.isArray(value)) complain('between takes a list of two values');
  if (operator !== 'between' && (value === undefined || value === null || Array.isArray(value)))
    complain(`${operator} takes one value`);
}

export const Condition = withAliases(
  { column_name: 'column', field: 'column', op: 'operator', condition: 'operator' },
  z
    .strictObject({ column: ColumnName, operator: word(operators, otherNames), value: Value })
    .check(checkValue),
);

export type Condition = z.infer<typeof Condition>;

const search = (format: 'xlsx' | 'csv') =>
  z.preprocess(
    conditionsOf,
    z.strictObject({
      conditions: z
        .preprocess(listOf, z.array(Condition).min(1, 'has no condition').max(100))
        .meta({ description: 'What a row has to be like to be kept' }),
      logic: word(['AND', 'OR'])
        .default('AND')
        .meta({ description: 'Whether all conditions have to hold, or one' }),
      output_format: word(['xlsx', 'csv', 'json'], { excel: 'xlsx' }).default(format),
    }),
  );

const ofCondition = new Set(['column', 'column_name', 'field', 'operator', 'op', 'value']);

/** A condition that stands alone, as `condition` or as the arguments themselves. */
function conditionsOf(value: unknown): unknown {
  if (!isRecord(value) || 'conditions' in value) return value;
  const { condition, ...rest } = value;
  if (isRecord(condition) || Array.isArray(condition)) return { ...rest, conditions: condition };
  const entries = Object.entries(value);
  const bare = entries.filter(([key]) => ofCondition.has(key));
  if (bare.length === 0) return value;
  return {
    ...Object.fromEntries(entries.filter(([key]) => !ofCondition.has(key))),
    conditions: [Object.fromEntries(bare)],
  };
}

export const SearchWorkbook = search('xlsx');
export const SearchCsv = search('csv');
