import type { ByteRange } from '../../store/files.js';

/**
 * The part of a file that `Range` asks for (RFC 9110, section 14). A server may pass over several ranges and units it does
 * not know: the answer is then the whole file.
 * @returns null for the whole file; "none" where no byte of the file is in the range
 */
export function rangeIn(header: string | undefined, size: number): ByteRange | 'none' | null {
  const asked = /^bytes=\s*(\d{0,15})\s*-\s*(\d{0,15})\s*$/i.exec(header ?? '');
  if (!asked) return null;
  const [, first = '', last = ''] = asked;
  if (first === '' && last === '') return null;
  if (first === '') return Number(last) === 0 ? 'none' : { from: Math.max(0, size - Number(last)), to: size };
  const [from, to] = [Number(first), last === '' ? size : Math.min(size, Number(last) + 1)];
  if (last !== '' && Number(last) < from) return null;
  return from >= size ? 'none' : { from, to };
}
