/** A column that a message names, and where. */
export interface Mention {
  column: string;
  /** Of the message, in lower case and with spaces for underscores. */
  from: number;
  to: number;
}

/** The message as names of columns are looked for in it: "Last_Name" and "last name" are the same. */
export const plain = (text: string): string => text.toLowerCase().replaceAll('_', ' ');

/**
 * The columns of the file that a message names, in its order. Longer names come first, so that "first name" is not taken
 * for "name". A name is found only as whole words. A plural is understood.
 */
export function mentionsIn(message: string, columns: readonly string[]): Mention[] {
  let text = plain(message);
  const mentions: Mention[] = [];
  for (const column of columns.toSorted((a, b) => b.length - a.length)) {
    const name = plain(column.trim());
    if (name === '') continue;
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}])${escaped(name)}s?(?![\\p{L}\\p{N}])`, 'gu');
    for (const { index, 0: found } of text.matchAll(pattern)) {
      mentions.push({ column, from: index, to: index + found.length });
    }
    text = text.replace(pattern, (found) => '\u0000'.repeat(found.length));
  }
  return mentions.toSorted((a, b) => a.from - b.from);
}

export const mentionedIn = (message: string, columns: readonly string[]): string[] => [
  ...new Set(mentionsIn(message, columns).map(({ column }) => column)),
];

/** A hyphen stays: with the flag `u` it may be escaped in a class alone. */
const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`);
