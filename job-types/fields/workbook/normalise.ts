import { z } from 'zod';
import { isRecord } from '../../contract/is-record.js';
import { StorableText } from '../storable-text.js';
import { listOf, withAliases, word } from './aliases.js';
import { ColumnName } from './column-name.js';

export const normalisations = [
  'uppercase',
  'lowercase',
  'title_case',
  'trim_whitespace',
  'remove_special_chars',
  'phone_format',
  'email_format',
  'name_format',
  'min_max_scale',
  'z_score',
  'round_decimal',
  'integer_convert',
  'currency_format',
  'date_format',
  'datetime_format',
  'date_extract_year',
  'date_extract_month',
  'date_extract_day',
  'boolean_convert',
  'yes_no_convert',
  'regex_replace',
  'categorical_mapping',
  'remove_duplicates',
  'fill_null_values',
  'outlier_removal',
] as const;

export type Normalisation = (typeof normalisations)[number];

const otherNames = {
  upper: 'uppercase',
  lower: 'lowercase',
  title: 'title_case',
  titlecase: 'title_case',
  trim: 'trim_whitespace',
  strip: 'trim_whitespace',
  special_chars: 'remove_special_chars',
  phone: 'phone_format',
  phone_number: 'phone_format',
  email: 'email_format',
  name: 'name_format',
  scale: 'min_max_scale',
  round: 'round_decimal',
  integer: 'integer_convert',
  currency: 'currency_format',
  date: 'date_format',
  datetime: 'datetime_format',
  boolean: 'boolean_convert',
  yes_no: 'yes_no_convert',
  regex: 'regex_replace',
  mapping: 'categorical_mapping',
  duplicates: 'remove_duplicates',
  fill_null: 'fill_null_values',
  fill_nulls: 'fill_null_values',
  nulls: 'fill_null_values',
  outliers: 'outlier_removal',
} as const;

const Text = StorableText.max(1000);
const CellText = z.union([Text, z.number(), z.boolean()]);

const Parameters = z
  .strictObject({
    pattern: Text.min(1).optional().meta({ description: 'Regular expression, as JavaScript has it' }),
    replacement: Text.optional(),
    decimals: z.int().min(0).max(15).optional(),
    format: Text.max(100).optional().meta({ description: 'As strftime has it: %Y-%m-%d' }),
    day_first: z.boolean().optional().meta({ description: 'Whether 03/04/2026 is in April' }),
    true_values: z.array(CellText).max(100).optional(),
    mapping: z.record(z.string().max(1000), CellText.nullable()).optional(),
    default: CellText.optional().meta({ description: 'Of what the mapping does not name' }),
    value: CellText.optional().meta({ description: 'What empty cells get' }),
    method: word(['value', 'mean', 'median', 'mode']).optional(),
    multiplier: z.number().positive().max(100).optional().meta({
      description: 'How many interquartile ranges from the quartiles a value may lie; 1.5 unless given',
    }),
  })
  .default({});

interface Wanted {
  normalization_type: Normalisation;
  parameters: z.infer<typeof Parameters>;
}

const needs: Partial<Record<Normalisation, 'pattern' | 'mapping'>> = {
  regex_replace: 'pattern',
  categorical_mapping: 'mapping',
};

function checkParameters({ value, issues }: z.core.ParsePayload<Wanted>): void {
  const { normalization_type: type, parameters } = value;
  const complain = (key: string, message: string) =>
    issues.push({ code: 'custom', path: ['parameters', key], message, input: parameters });
  const needed = needs[type];
  if (needed && parameters[needed] === undefined) complain(needed, `${type} needs it`);
  const { pattern } = parameters;
  if (pattern !== undefined && !isPattern(pattern)) complain('pattern', 'is no regular expression');
}

function isPattern(pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u') instanceof RegExp;
  } catch {
    return false;
  }
}

export const Normalising = withAliases(
  { column: 'column_name', type: 'normalization_type', params: 'parameters', backup: 'backup_original' },
  z
    .strictObject({
      column_name: ColumnName,
      normalization_type: word(normalisations, otherNames),
      parameters: Parameters,
      backup_original: z
        .boolean()
        .default(false)
        .meta({ description: 'Whether a column <name>_original keeps what was there' }),
    })
    .check(checkParameters),
);

export type Normalising = z.infer<typeof Normalising>;

/** One normalisation that stands alone. */
const inList = (value: unknown): unknown => {
  if (!isRecord(value) || 'normalizations' in value || !('column' in value || 'column_name' in value))
    return value;
  const { return_report: report, ...one } = value;
  return { normalizations: [one], ...(report === undefined ? {} : { return_report: report }) };
};

export const Normalise = z.preprocess(
  inList,
  z.strictObject({
    normalizations: z.preprocess(listOf, z.array(Normalising).min(1, 'has none').max(100)).meta({
      description: 'What is done to which column, in this order',
    }),
    return_report: z
      .boolean()
      .default(true)
      .meta({ description: 'Whether it is told how many cells changed' }),
  }),
);
