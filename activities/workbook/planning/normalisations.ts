import type { Normalisation, Normalising } from '../../../job-types/fields/workbook/normalise.js';
import { mentionedIn, mentionsIn } from './mentioned.js';

/** What people call a normalisation. */
const words: readonly { word: RegExp; type: Normalisation }[] = [
  { word: /\bupper[ -]?cased?\b|\bcapital letters\b/i, type: 'uppercase' },
  { word: /\blower[ -]?cased?\b|\bsmall letters\b/i, type: 'lowercase' },
  { word: /\btitle[ -]?cased?\b|\bcapitali[sz]e/i, type: 'title_case' },
  { word: /\btrim|\b(white)?spaces?\b/i, type: 'trim_whitespace' },
  { word: /\bspecial char/i, type: 'remove_special_chars' },
  { word: /\bround/i, type: 'round_decimal' },
  { word: /\bz-?scores?\b/i, type: 'z_score' },
  { word: /\b(min-?max|scale)\b/i, type: 'min_max_scale' },
  { word: /\bduplicates?\b|\bdeduplicate\b/i, type: 'remove_duplicates' },
  { word: /\boutliers?\b/i, type: 'outlier_removal' },
  { word: /\bcurrenc/i, type: 'currency_format' },
  { word: /\byes\/?(or )?no\b/i, type: 'yes_no_convert' },
  { word: /\bintegers?\b|\bwhole numbers?\b/i, type: 'integer_convert' },
];

/** What a column whose name says what it holds is cleaned by, when a message asks for no more than that. */
const byName: readonly { name: RegExp; type: Normalisation }[] = [
  { name: /e-?mail/i, type: 'email_format' },
  { name: /phone|mobile|\btel\b/i, type: 'phone_format' },
  { name: /\bdate\b|_date|date_|_at$/i, type: 'date_format' },
  { name: /price|amount|cost|currency/i, type: 'currency_format' },
  { name: /name/i, type: 'name_format' },
];

const isAll = (message: string): boolean => /\b(all|every|each|everything|whole|the data)\b/i.test(message);

/** What a message asks for, on the columns that it names, or on all where it says so. */
export function normalisationsIn(message: string, columns: readonly string[]): Normalising[] {
  const named = mentionedIn(message, columns);
  const targets = named.length > 0 ? named : isAll(message) ? [...columns] : [];
  const bare = withoutColumns(message, columns);
  const types = words.filter(({ word }) => word.test(bare)).map(({ type }) => type);
  return targets.flatMap((column) =>
    (types.length > 0 ? types : [usual(column)]).map((type) => normalising(column, { type, message })),
  );
}

/** A column "white space" asks for nothing. */
function withoutColumns(message: string, columns: readonly string[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const { from, to } of mentionsIn(message, columns)) {
    pieces.push(message.slice(end, from), ' '.repeat(to - from));
    end = to;
  }
  return pieces.join('') + message.slice(end);
}

const usual = (column: string): Normalisation =>
  byName.find(({ name }) => name.test(column))?.type ?? 'trim_whitespace';

function normalising(
  column: string,
  { type, message }: { type: Normalisation; message: string },
): Normalising {
  const decimals =
    type === 'round_decimal'
      ? /\b(\d{1,2})\s*(?:decimals?|places?|digits?)\b/i.exec(message)?.[1]
      : undefined;
  return {
    column_name: column,
    normalization_type: type,
    parameters: decimals === undefined ? {} : { decimals: Math.min(15, Number(decimals)) },
    backup_original: false,
  };
}
