import type { Intent } from '../../../job-types/fields/workbook/operations.js';
import type { PlanStep } from '../../../job-types/fields/workbook/plan.js';
import { conditionsIn } from './conditions.js';
import { mentionedIn } from './mentioned.js';
import { normalisationsIn } from './normalisations.js';
import { renamesIn } from './renames.js';

export interface Asked {
  message: string;
  /** Of the file. */
  name: string;
  columns: readonly string[];
  others: readonly { name: string; columns: readonly string[] }[];
}

/** Steps, and the columns that there are after them where they differ; or what has to be asked. */
export type MadeSteps = { steps: PlanStep[]; columns?: readonly string[] } | { question: string };

const told = (columns: readonly string[]): string => columns.slice(0, 20).join(', ');

const extract = ({ message, columns }: Asked): MadeSteps => {
  const named = mentionedIn(message, columns);
  const isAll = /\b(all|every|each)\b.*\b(columns?|fields?)\b|\b(everything|the whole)\b/i.test(message);
  if (named.length === 0 && !isAll) return { question: `Which columns? The file has ${told(columns)}.` };
  const chosen = named.length > 0 ? named : [...columns];
  const remove = /\b(unique|distinct|without duplicates|no duplicates|deduplicated?)\b/i.test(message);
  return {
    steps: [
      {
        operation: 'excel/extract-columns-to-file',
        arguments: { columns: chosen, remove_duplicates: remove },
      },
    ],
    columns: chosen,
  };
};

const convert = ({ message }: Asked): MadeSteps => {
  const sheet =
    /\bsheet (?:named |called )?["']?([\p{L}\p{N} _-]{1,31}?)["']?\s*$/iu.exec(message)?.[1] ?? 'Sheet1';
  return {
    steps: [{ operation: 'csv/convert-to-excel', arguments: { sheet_name: sheet.trim() || 'Sheet1' } }],
  };
};

const normalise = ({ message, columns }: Asked): MadeSteps => {
  const normalizations = normalisationsIn(message, columns);
  if (normalizations.length === 0)
    return { question: `Which columns are to be cleaned? The file has ${told(columns)}.` };
  return {
    steps: [{ operation: 'normalization/apply', arguments: { normalizations, return_report: true } }],
  };
};

const generateSql = ({ message, name, columns }: Asked): MadeSteps => {
  const database = /mysql|mariadb/i.test(message)
    ? 'mysql'
    : /sqlite/i.test(message)
      ? 'sqlite'
      : 'postgresql';
  const table =
    /\b(?:table|into)\s+(?:the\s+)?(?:table\s+)?(?:named |called )?["'`]?([\p{L}_][\p{L}\p{N}_]{0,62})/iu.exec(
      message,
    )?.[1];
  const named = mentionedIn(message, columns).filter((column) => column !== table);
  return {
    steps: [
      {
        operation: 'sql/generate',
        arguments: {
          table_name: table ?? tableNameOf(name),
          columns: named,
          column_mapping: {},
          database_type: database,
          remove_duplicates: false,
          batch_size: 1000,
          include_transaction: true,
        },
      },
    ],
  };
};

/** A table that is named after the file, as databases like it. */
const tableNameOf = (name: string): string => {
  const stem = name
    .replace(/\.[^.]*$/, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');
  return stem.replace(/^_+|_+$/g, '').slice(0, 63) || 'data';
};

const generateJson = ({ message, columns }: Asked): MadeSteps => ({
  steps: [
    {
      operation: 'json/generate',
      arguments: {
        columns: mentionedIn(message, columns),
        column_mapping: {},
        null_handling: 'include',
        array_wrapper: true,
        pretty_print: true,
      },
    },
  ],
});

const search = ({ message, name, columns }: Asked): MadeSteps => {
  const { conditions, logic } = conditionsIn(message, columns);
  if (conditions.length === 0) {
    return {
      question: `Which rows? Say it like "where ${columns[0] ?? 'name'} is ...". The file has ${told(columns)}.`,
    };
  }
  const isCsv = /\.csv$/i.test(name);
  const operation = isCsv ? 'csv/search' : 'excel/search';
  return { steps: [{ operation, arguments: { conditions, logic, output_format: isCsv ? 'csv' : 'xlsx' } }] };
};

const bind = ({ message, columns, others }: Asked): MadeSteps => {
  const other = others.find(({ name }) => message.toLowerCase().includes(name.toLowerCase())) ?? others[0];
  if (!other) return { question: 'Upload the other file too, whose columns are to be added.' };
  const common = columns.filter((column) => other.columns.includes(column));
  const behind = /\b(?:by|on|using|key)\b(.*)$/is.exec(message)?.[1] ?? '';
  const named = mentionedIn(behind, common);
  const keys = named.length > 0 ? named : common.slice(0, 1);
  const [key] = keys;
  if (key === undefined)
    return { question: `The files have no column in common; ${other.name} has ${told(other.columns)}.` };
  const bound = mentionedIn(message, other.columns).filter((column) => !keys.includes(column));
  const added = bound.length > 0 ? bound : other.columns.filter((column) => !columns.includes(column));
  const given = { bind_file: other.name, bind_columns: [...added] };
  const step: PlanStep =
    keys.length === 1
      ? { operation: 'excel/bind-single-key', arguments: { ...given, comparison_column: key } }
      : { operation: 'excel/bind-multi-key', arguments: { ...given, comparison_columns: keys } };
  return { steps: [step], columns: [...columns, ...added] };
};

const map = ({ message, columns }: Asked): MadeSteps => {
  const renames = renamesIn(message, columns);
  if (renames.size === 0) return { question: `Which column gets which name? The file has ${told(columns)}.` };
  const pairs = columns.map((column): [string, string] => [renames.get(column) ?? column, column]);
  const mapping = Object.fromEntries(pairs);
  if (Object.keys(mapping).length < columns.length)
    return { question: 'Two columns would have the same name.' };
  return {
    steps: [{ operation: 'excel/map-columns', arguments: { mapping } }],
    columns: pairs.map(([name]) => name),
  };
};

const makers: Readonly<Record<Intent, (asked: Asked) => MadeSteps>> = {
  extract_columns: extract,
  convert_format: convert,
  normalize_data: normalise,
  generate_sql: generateSql,
  generate_json: generateJson,
  search_filter: search,
  bind_data: bind,
  map_columns: map,
};

export const stepsFor = (intent: Intent, asked: Asked): MadeSteps => makers[intent](asked);
