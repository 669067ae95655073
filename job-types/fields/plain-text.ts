/**
 * Characters that are not seen, and only serve to hide or reorder what is seen. They are controls (but tab and line
 * feed), soft hyphens, zero-width spaces, direction overrides and tags. The joiners U+200C and U+200D stay, since
 * Persian, Hindi and others are spelled with them; so do marks and variation selectors.
 */
const unseen =
  /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u00AD\u061C\u180E\u200B\u200E\u200F\u202A-\u202E\u2060-\u2069\uFEFF\uFFF9-\uFFFB\u{E0000}-\u{E007F}]/gu;

/**
 * More marks on one letter than any language writes; Unicode's own bound for texts that come as a stream. To bring a
 * long pile of them into order takes the square of its height.
 */
const markPile = /(\p{M}{30})\p{M}+/gu;

/** Text from outside without hidden characters and lone surrogates (which no database takes), in composed form. */
export const plainText = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[\v\f]/g, ' ')
    .toWellFormed()
    .replace(unseen, '')
    .replace(markPile, '$1')
    .normalize('NFC');

/** The same on one line. */
export const tidyLine = (text: string): string => plainText(text).replace(/\s+/gu, ' ').trim();
