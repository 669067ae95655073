/** What windows-1252 has at 0x80 to 0x9F, where latin1 has control characters. */
const specials = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';
const byteOfSpecial = new Map(specials.split('').map((character, index) => [character, 0x80 + index]));

/** The bytes of UTF-8 that begin a character of two, three and four bytes, and those that go on with it. */
const goesOn = `[\u0080-\u00bf${specials}]`;
const misread = new RegExp(
  `[\u00c2-\u00df]${goesOn}|[\u00e0-\u00ef]${goesOn}{2}|[\u00f0-\u00f4]${goesOn}{3}`,
  'g',
);
const begins = /[\u00c2-\u00f4]/g;

/** Different ones that have to be found: of a text that is right, a trademark behind an accent may look like one. */
const fewestKinds = 3;
/** Of all letters that begin a character when they are misread. Texts that are right have plain letters behind them. */
const mostly = 0.6;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The character that its bytes were, before they were taken for letters; null where they are none. */
function meant(letters: string): string | null {
  const bytes = Uint8Array.from(letters, (letter) => byteOfSpecial.get(letter) ?? letter.charCodeAt(0));
  try {
    return decoder.decode(bytes);
  } catch {
    // TypeError: of the form of UTF-8, and not UTF-8.
    return null;
  }
}

/**
 * The text as it was before its UTF-8 was read as latin1 or windows-1252 and encoded once more ("Ã©" for "é"). Null when
 * that has not happened to it.
 */
export function decodedOnceMore(text: string): string | null {
  const found = (text.match(misread) ?? []).flatMap((letters) => meant(letters) ?? []);
  if (new Set(found).size < fewestKinds) return null;
  if (found.length < mostly * (text.match(begins)?.length ?? 0)) return null;
  return text.replace(misread, (letters) => meant(letters) ?? letters);
}
