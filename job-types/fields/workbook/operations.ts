import type { z } from 'zod';
import { BindMultiKey, BindSingleKey } from './bind.js';
import { ConvertToExcel } from './convert.js';
import { ExtractData, ExtractToFile } from './extract.js';
import { GenerateJson, GenerateJsonByTemplate } from './json.js';
import { MapColumns } from './map.js';
import { Normalise } from './normalise.js';
import { SearchCsv, SearchWorkbook } from './search.js';
import { GenerateSql, GenerateSqlByTemplate, GenerateSqlText } from './sql.js';

/** What a person may want of a file, as clients know it. */
export const intents = [
  'extract_columns',
  'convert_format',
  'normalize_data',
  'generate_sql',
  'generate_json',
  'search_filter',
  'bind_data',
  'map_columns',
] as const;

export type Intent = (typeof intents)[number];

interface OperationRow {
  arguments: z.ZodType<object>;
  intent: Intent;
  /** One sentence for people. */
  description: string;
  /** Arguments. */
  example: Readonly<Record<string, unknown>>;
}

/** Every operation of a plan, by the name that clients know. */
export const operations = {
  'excel/extract-columns': {
    arguments: ExtractData,
    intent: 'extract_columns',
    description: 'Gives the values of some columns as data, with statistics.',
    example: { columns: ['name', 'email'], remove_duplicates: false, include_statistics: true },
  },
  'excel/extract-columns-to-file': {
    arguments: ExtractToFile,
    intent: 'extract_columns',
    description: 'Makes a new file of some columns.',
    example: { columns: ['name', 'email'], remove_duplicates: false },
  },
  'excel/map-columns': {
    arguments: MapColumns,
    intent: 'map_columns',
    description: 'Makes a new file of some columns under other names.',
    example: { mapping: { full_name: 'name', mail: 'email' } },
  },
  'excel/bind-single-key': {
    arguments: BindSingleKey,
    intent: 'bind_data',
    description: 'Adds columns of another file to the rows that have the same key.',
    example: { bind_file: 'customers.xlsx', comparison_column: 'id', bind_columns: ['city'] },
  },
  'excel/bind-multi-key': {
    arguments: BindMultiKey,
    intent: 'bind_data',
    description: 'Adds columns of another file to the rows that are the same in several columns.',
    example: {
      bind_file: 'customers.xlsx',
      comparison_columns: ['first_name', 'last_name'],
      bind_columns: ['city'],
    },
  },
  'excel/search': {
    arguments: SearchWorkbook,
    intent: 'search_filter',
    description: 'Keeps the rows that meet conditions, as a workbook.',
    example: {
      conditions: [{ column: 'city', operator: 'equals', value: 'Lyon' }],
      logic: 'AND',
      output_format: 'xlsx',
    },
  },
  'csv/search': {
    arguments: SearchCsv,
    intent: 'search_filter',
    description: 'Keeps the rows that meet conditions, as a CSV file.',
    example: {
      conditions: [{ column: 'city', operator: 'equals', value: 'Lyon' }],
      logic: 'AND',
      output_format: 'csv',
    },
  },
  'csv/convert-to-excel': {
    arguments: ConvertToExcel,
    intent: 'convert_format',
    description: 'Makes a workbook of a CSV file.',
    example: { sheet_name: 'Sheet1' },
  },
  'normalization/apply': {
    arguments: Normalise,
    intent: 'normalize_data',
    description: 'Cleans the values of columns where they stand.',
    example: {
      normalizations: [{ column_name: 'email', normalization_type: 'lowercase' }],
      return_report: true,
    },
  },
  'sql/generate': {
    arguments: GenerateSql,
    intent: 'generate_sql',
    description: 'Writes SQL statements that insert the rows.',
    example: { table_name: 'customers', database_type: 'postgresql', include_transaction: true },
  },
  'sql/generate-to-text': {
    arguments: GenerateSqlText,
    intent: 'generate_sql',
    description: 'Writes SQL statements that insert some columns of the rows.',
    example: { table_name: 'customers', columns: ['name', 'email'], database_type: 'mysql' },
  },
  'sql/generate-custom-to-text': {
    arguments: GenerateSqlByTemplate,
    intent: 'generate_sql',
    description: 'Writes one SQL statement a row, as a template says.',
    example: {
      template: 'UPDATE customers SET email = {email} WHERE id = {id};',
      column_mapping: { id: 'id', email: 'email' },
    },
  },
  'json/generate': {
    arguments: GenerateJson,
    intent: 'generate_json',
    description: 'Writes the rows as JSON.',
    example: { columns: ['name', 'email'], null_handling: 'include', pretty_print: true },
  },
  'json/generate-with-template': {
    arguments: GenerateJsonByTemplate,
    intent: 'generate_json',
    description: 'Writes the rows as JSON, each as a template says.',
    example: {
      template: { user: { id: '{id}', name: '{name}' } },
      column_mapping: { id: 'id', name: 'name' },
      aggregation_mode: 'array',
    },
  },
} as const satisfies Record<string, OperationRow>;

export type OperationName = keyof typeof operations;

export const operationNames = Object.keys(operations) as [OperationName, ...OperationName[]];

/** Of one operation, once it is checked. */
export type ArgumentsOf<N extends OperationName> = z.output<(typeof operations)[N]['arguments']>;
