const digit = /\p{Nd}/u;
const digits = /\p{Nd}/gu;

/**
 * The number that a header holds, of at most 15 digits; null for what is none. A program writes numbers in the digits of its
 * user's language, if it formats them for people by mistake. Taken for nothing, such a number would repeat events.
 */
export function numberIn(header: string): number | null {
  const text = asWritten(header).trim();
  return /^\p{Nd}{1,15}$/u.test(text) ? Number(text.replaceAll(digits, (one) => String(valueOf(one)))) : null;
}

/** Node reads the bytes of a header as Latin-1. */
function asWritten(header: string): string {
  const bytes = Buffer.from(header, 'latin1');
  return bytes.toString('latin1') === header ? bytes.toString() : header;
}

/** Unicode puts the digits of a script together, from nought to nine, and such rows only beside whole others. */
function valueOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  let first = code;
  while (digit.test(String.fromCodePoint(first - 1))) first -= 1;
  return (code - first) % 10;
}
