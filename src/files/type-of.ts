import { fileTypeFromBuffer, supportedMimeTypes } from 'file-type';
import { Problem } from '../problems/problems.js';
import { extensionOf } from '../../store/file-name.js';
import { betterOf, byExtension, isCalled, isText, zip } from './media-types.js';

const anything = 'application/octet-stream';

/** What a client says of a file. */
export interface Claim {
  /** As `Content-Type` has it. */
  type: string;
  /** A name that was made harmless. */
  name: string;
}

/** What a file begins with; null for what has no signature. */
export async function signatureOf(head: Buffer): Promise<string | null> {
  if (head.subarray(0, 4).equals(Buffer.from('PK\x03\x04')) || isEmptyZip(head)) return zip;
  try {
    // Without what it says of a codec.
    return (await fileTypeFromBuffer(head))?.mime.split(';')[0] ?? null;
  } catch {
    // It reads what strangers write, and a signature without the rest is none.
    return null;
  }
}

const isEmptyZip = (head: Buffer): boolean => head.subarray(0, 4).equals(Buffer.from('PK\x05\x06'));

/**
 * The type of a file: what its content says, in the words of its client where both say the same.
 * @param found by its content; null for what has no signature
 * @throws {Problem} file-type-wrong
 */
export function typeOf(claim: Claim, { found, head }: { found: string | null; head: Buffer }): string {
  const claimed = claimedBy(claim);
  if (found !== null) {
    if (claimed === null || isCalled(claimed, found)) return betterOf(claimed, found);
    // Some signatures are words: a table may begin with "BMI", and a picture does with "BM".
    if (isText(claimed) && (isText(found) || isPlain(head))) return claimed;
    throw wrong(claimed, `its content is ${found}`);
  }
  if (claimed === null) return looksLikeText(head) ? 'text/plain' : anything;
  if (isText(claimed)) {
    if (looksLikeText(head)) return claimed;
    throw wrong(claimed, 'its content is no text');
  }
  if (!recognisable.has(claimed)) return claimed;
  throw wrong(claimed, 'its content does not begin as one does');
}

const recognisable: ReadonlySet<string> = new Set([
  ...[...supportedMimeTypes].map((type) => type.split(';')[0] ?? type),
  ...Object.values(byExtension).filter((type) => !isText(type)),
]);

/** Null for a client that says nothing of the type. */
function claimedBy({ type, name }: Claim): string | null {
  const [essence = ''] = type.toLowerCase().split(';');
  const said = essence.trim();
  const byName = byExtension[extensionOf(name)] ?? null;
  // Browsers call a CSV so on a machine with Excel.
  if (said === 'application/vnd.ms-excel' && byName !== null && isText(byName)) return byName;
  if (said === '' || said === anything || said === 'binary/octet-stream') return byName;
  // What is no type at all is not given back in a header.
  return /^[a-z0-9!#$&^_.+-]{1,100}\/[a-z0-9!#$&^_.+-]{1,100}$/.test(said) ? said : byName;
}

const wrong = (claimed: string, instead: string) =>
  new Problem('file-type-wrong', `The file is said to be ${claimed}, but ${instead}.`);

/** No byte in it is a control of ASCII but white space, as some are in what is no text. */
const isPlain = (head: Buffer): boolean => !head.some((byte) => byte < 0x20 && !whiteSpace.has(byte));

const whiteSpace: ReadonlySet<number> = new Set(Buffer.from('\t\n\f\r'));

/** UTF-8, a one-byte charset, or UTF-16 that says so. */
function looksLikeText(head: Buffer): boolean {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff)) return true;
  return !head.includes(0);
}
