import { plainText, tidyLine } from '../../job-types/fields/plain-text.js';

/** A text on one line, in which nothing is markup. */
export const inline = (text: string): string =>
  tidyLine(text)
    .replace(/[\\`*[\]<]/g, '\\$&')
    .replace(/^([#>+-]|\d+[.)])(?=\s|$)/, '\\$1');

/** A text of several lines as its author has put them. */
export const block = (text: string): string =>
  plainText(text)
    .split('\n')
    .map(inline)
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();

/** What there is of these, between separators. */
export const joined = (texts: readonly string[], separator: string): string =>
  texts.map(inline).filter(Boolean).join(separator);

/** A heading of level 2 and what stands below it; nothing where there is nothing. */
export const section = (title: string, parts: readonly string[]): string[] => {
  const there = parts.filter((part) => part !== '');
  return there.length === 0 ? [] : [`## ${title}`, ...there];
};

/** The parts of a text, an empty line between them. */
export const page = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n\n');
