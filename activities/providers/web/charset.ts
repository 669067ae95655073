import { StepFailure } from '../../frame/step-failure.js';
import { declaredLabels } from './declared-charset.js';
import { detectCharset } from './detect-charset.js';

const byteOrderMarks: readonly { bytes: readonly number[]; charset: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], charset: 'utf-8' },
  { bytes: [0xfe, 0xff], charset: 'utf-16be' },
  { bytes: [0xff, 0xfe], charset: 'utf-16le' },
];

export function byteOrderMark(body: Buffer): string | null {
  return (
    byteOrderMarks.find(({ bytes }) => bytes.every((byte, index) => body[index] === byte))?.charset ?? null
  );
}

/** The WHATWG name of a label ("latin1" is windows-1252); null for labels no browser knows, utf-7 among them. */
function known(label: string | null | undefined): string | null {
  const bare = label?.replaceAll(/^['"\s]+|['"\s;]+$/g, '').toLowerCase();
  if (!bare) return null;
  // As other systems call them.
  const usual = bare
    .replaceAll('_', '-')
    .replace(/^utf-?8.+$/, 'utf-8')
    .replace(/^(win|cp-?)(?=125\d$)-?/, 'windows-');
  for (const name of [bare, usual]) {
    try {
      return new TextDecoder(name).encoding;
    } catch {
      // RangeError: not an encoding of the web platform.
    }
  }
  return null;
}

function firstKnown(labels: Iterable<string>): string | null {
  for (const label of labels) {
    const charset = known(label);
    if (charset) return charset;
  }
  return null;
}

const isUtf8 = (body: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    // TypeError: a byte sequence that UTF-8 does not have.
    return false;
  }
};

/** Of what is not ASCII, a share of characters that could not be read; more means another charset. */
const mostReplaced = 0.1;
/** A page with fewer of them has a broken place. */
const fewestReplaced = 3;
/** Of all characters; where as many are lost and no charset fits, there are no words to be had. */
const unreadable = 0.005;

interface Tried {
  charset: string;
  text: string;
  /** Characters that stand for bytes which could not be read. */
  replaced: number;
  isWrong: boolean;
}

function tryCharset(body: Buffer, charset: string): Tried {
  const text = new TextDecoder(charset).decode(body);
  const replaced = count(text, /\ufffd/g);
  const isWrong = replaced >= fewestReplaced && replaced > mostReplaced * count(text, /[^\x00-\x7f]/g);
  return { charset, text, replaced, isWrong };
}

function count(text: string, pattern: RegExp): number {
  let found = 0;
  for (pattern.lastIndex = 0; pattern.test(text);) found += 1;
  return found;
}

export interface Decoded {
  text: string;
  /** Set when the charset is not what the page or its server says, or when neither says anything. */
  note: string | null;
}

export interface DecodeOptions {
  headerCharset: string | null;
  /** Host and path, for failures. */
  where: string;
}

/**
 * Byte order mark, then Content-Type, then what the page itself declares, then UTF-8, then what the bytes look like. A
 * charset that the bytes cannot be in gives way to the next.
 *
 * @throws {StepFailure} unsupported-content when none fits
 */
export function decode(body: Buffer, { headerCharset, where }: DecodeOptions): Decoded {
  const inside = firstKnown(declaredLabels(body));
  // The declaration was read as ASCII, so whatever it says, the page is not UTF-16.
  const declared = inside?.startsWith('utf-16') ? 'utf-8' : inside;
  const told = byteOrderMark(body) ?? known(headerCharset) ?? declared;
  const valid = isUtf8(body);
  // Bytes beyond ASCII that make UTF-8 by chance are as good as unknown.
  if (told && !(valid && told === 'windows-1252' && isBeyondAscii(body))) {
    const first = tryCharset(body, told);
    if (!first.isWrong) return { text: first.text, note: null };
    const others = [declared, detectCharset(body)].flatMap((charset) =>
      charset && charset !== told ? [charset] : [],
    );
    const better = others.map((charset) => tryCharset(body, charset)).find(({ isWrong }) => !isWrong);
    if (better)
      return {
        text: better.text,
        note: `The page is not in the charset it names (${told}); read as ${better.charset}.`,
      };
    requireReadable(first, where);
    return { text: first.text, note: `${first.replaced} characters of the page could not be read.` };
  }
  if (valid) {
    const note = told ? `The page is not in the charset it names (${told}); read as utf-8.` : null;
    const found = tryCharset(body, 'utf-8');
    requireReadable(found, where);
    return { text: found.text, note };
  }
  const charset = detectCharset(body) ?? 'windows-1252';
  const guessed = tryCharset(body, charset);
  const { text } = guessed.isWrong ? tryCharset(body, 'windows-1252') : guessed;
  return {
    text,
    note: `The page does not say its charset; read as ${guessed.isWrong ? 'windows-1252' : charset}.`,
  };
}

/** @throws {StepFailure} unsupported-content */
function requireReadable({ text, replaced, isWrong }: Tried, where: string): void {
  if (!isWrong || replaced <= unreadable * text.length) return;
  const detail = `${where} cannot be read: ${replaced} of its characters are in no charset that was tried.`;
  throw new StepFailure('unsupported-content', detail);
}

const fewestBeyondAscii = 3;

function isBeyondAscii(body: Buffer): boolean {
  let found = 0;
  for (const byte of body) if (byte >= 0xc0 && (found += 1) >= fewestBeyondAscii) return true;
  return false;
}
