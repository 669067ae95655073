/** What of our expressions only some languages know, and how all of them say it. */
const words: readonly (readonly [string, string])[] = [['\\p{Cc}', '\\x00-\\x1f\\x7f-\\x9f']];

/** A pattern that means the same in the regular expressions of other languages, for clients made of the document. */
export const portablePattern = (pattern: string): string =>
  words.reduce((text, [ours, everybodys]) => text.replaceAll(ours, everybodys), pattern);
