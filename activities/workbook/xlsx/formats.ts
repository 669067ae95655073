import { builtInFormat } from '../dates.js';
import { readMarkup } from './markup.js';

/** The number format of each style that a cell may have, by its number; undefined for the general one. */
export function formatsIn(styles: string | null): (string | undefined)[] {
  const own = new Map<number, string>();
  const formats: (string | undefined)[] = [];
  if (styles === null) return formats;
  let isCells = false;
  readMarkup(styles, {
    open(name, { attributes }) {
      const number = Number(attributes['numFmtId'] ?? 0);
      if (name === 'numFmt') own.set(number, attributes['formatCode'] ?? 'General');
      if (name === 'cellXfs') isCells = true;
      if (name === 'xf' && isCells) formats.push(formatOf(own.get(number) ?? builtInFormat(number)));
    },
    close(name) {
      if (name === 'cellXfs') isCells = false;
    },
  });
  return formats;
}

const formatOf = (code: string | undefined): string | undefined =>
  code === undefined || /^general$/i.test(code) ? undefined : code;
