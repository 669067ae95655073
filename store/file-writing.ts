import { createHash } from 'node:crypto';
import { type Files, chunkBytes } from './files.js';

export interface WrittenBytes {
  /** Bytes. */
  size: number;
  sha256: Buffer;
  /** The first chunk. */
  head: Buffer;
}

/** Writes the bytes of a file that was begun, as they come. @throws what the source does, and {FileGone} */
export async function writeBytes(
  files: Pick<Files, 'append'>,
  { id, source }: { id: string; source: AsyncIterable<Uint8Array> },
): Promise<WrittenBytes> {
  const hash = createHash('sha256');
  let [number, size] = [0, 0];
  let head = Buffer.alloc(0);
  for await (const bytes of inChunks(source)) {
    hash.update(bytes);
    size += bytes.length;
    if (number === 0) head = bytes;
    await files.append(id, { number, bytes });
    number += 1;
  }
  return { size, sha256: hash.digest(), head };
}

/** The same bytes, cut anew. */
async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer<ArrayBuffer>> {
  let pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    pieces.push(piece);
    length += piece.length;
    if (length < chunkBytes) continue;
    const joined = Buffer.concat(pieces);
    let at = 0;
    for (; at + chunkBytes <= joined.length; at += chunkBytes) yield joined.subarray(at, at + chunkBytes);
    pieces = [joined.subarray(at)];
    length = joined.length - at;
  }
  if (length > 0) yield Buffer.concat(pieces);
}
