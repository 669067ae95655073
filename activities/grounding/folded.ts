import { plainText } from '../../job-types/fields/plain-text.js';

/** Marks that some write and others leave out: stress, points of Hebrew, vowels of Arabic and what stretches its lines. */
const optionalMarks =
  /[\u0300\u0301\u0307\u0591-\u05BD\u05BF\u05C1\u05C2\u05C7\u0610-\u061A\u0640\u064B-\u0655\u0670]/gu;

/** What is the same letter or sign to a reader, by the one it is compared as. */
const alike: readonly (readonly [RegExp, string])[] = [
  [/[\u2018\u2019\u201A\u201B\u02BC\u02B9\u2032`\u00B4]/gu, "'"],
  [/[\u201C-\u201F\u00AB\u00BB\u2039\u203A\u300C-\u300F]/gu, '"'],
  [/[\u2010-\u2015\u2212]/gu, '-'],
  [/\u0131/gu, 'i'],
  [/\u00DF/gu, 'ss'],
  [/\u03C2/gu, '\u03C3'],
  [/\s+/gu, ' '],
];

/**
 * A text as it is compared with another: in one case, one form of quotes, dashes and spaces, without marks that may be
 * left out. Accents that make another letter stay.
 */
export const folded = (text: string): string =>
  alike
    .reduce(
      (folding, [pattern, as]) => folding.replace(pattern, as),
      plainText(text).normalize('NFKC').toLowerCase().normalize('NFC').replace(optionalMarks, ''),
    )
    .trim();
