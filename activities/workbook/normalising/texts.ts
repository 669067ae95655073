import type { Normalising } from '../../../job-types/fields/workbook/normalise.js';
import { cellText } from '../cell-text.js';
import type { CellValue } from '../table.js';
import { type CellIn, type Change, type Normaliser, each } from './normaliser.js';
import { replacing, withoutSpecials } from './replacing.js';

export type Parameters = Normalising['parameters'];

/** Of texts. Numbers, truth and days have no case and no spaces around them. */
const ofText =
  (change: (text: string) => string): Change =>
  ({ value }) =>
    typeof value === 'string' ? emptied(change(value)) : value;

const emptied = (text: string): CellValue => (text === '' ? null : text);

const titleCase = (text: string): string =>
  text
    .toLowerCase()
    .replace(
      /(^|[^\p{L}\p{N}\p{M}'’])(\p{L})/gu,
      (_, before: string, letter: string) => before + letter.toUpperCase(),
    );

/** Behind an apostrophe or a hyphen too: O'Brien, Anna-Maria. */
const nameCase = (text: string): string =>
  titleCase(text.trim().replace(/\s+/g, ' ')).replace(
    /(['’])(\p{L})(?=\p{L}{2})/gu,
    (_, mark: string, letter: string) => mark + letter.toUpperCase(),
  );

/** American numbers, as the clients know them; others stay as they are. */
function phone(text: string): string {
  const digits = text.replace(/\D/g, '');
  const [, area, exchange, line] = /^1?(\d{3})(\d{3})(\d{4})$/.exec(digits) ?? [];
  if (line === undefined || (text.trim().startsWith('+') && digits.length === 10)) return text;
  return `${digits.length === 11 ? '+1 ' : ''}(${area}) ${exchange}-${line}`;
}

const asText = ({ value, format }: CellIn): string => cellText(value, format);

export const textNormalisers = {
  uppercase: () => each(ofText((text) => text.toUpperCase())),
  lowercase: () => each(ofText((text) => text.toLowerCase())),
  title_case: () => each(ofText(titleCase)),
  trim_whitespace: () => each(ofText((text) => text.trim())),
  remove_special_chars: ({ pattern, replacement = '' }: Parameters): Normaliser =>
    each(
      ofText(
        pattern === undefined
          ? (text) => withoutSpecials(text, replacement)
          : replacing(pattern, replacement),
      ),
    ),
  phone_format: () =>
    each((cell) => {
      if (cell.value === null) return null;
      const text = asText(cell);
      const formatted = phone(text);
      return formatted === text ? cell.value : formatted;
    }),
  email_format: () => each(ofText((text) => text.trim().toLowerCase())),
  name_format: () => each(ofText(nameCase)),
  regex_replace: ({ pattern = '', replacement = '' }: Parameters): Normaliser => {
    const replace = replacing(pattern, replacement);
    return each((cell) => {
      if (cell.value === null) return null;
      const text = asText(cell);
      const replaced = replace(text);
      return replaced === text ? cell.value : emptied(replaced);
    });
  },
  categorical_mapping: ({ mapping = {}, default: otherwise }: Parameters): Normaliser =>
    each((cell) => {
      const text = asText(cell);
      if (Object.hasOwn(mapping, text)) return mapping[text] ?? null;
      return cell.value === null ? null : (otherwise ?? cell.value);
    }),
};
