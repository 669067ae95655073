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
    if (number === 0) head = Buffer.from(bytes);
    await files.append(id, { number, bytes });
    number += 1;
  }
  return { size, sha256: hash.digest(), head };
}

/** The same bytes, cut anew. A chunk lasts until the next: new ones would pile up until they are collected. */
async function* inChunks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer<ArrayBuffer>> {
  const chunk = Buffer.alloc(chunkBytes);
  let length = 0;
  for await (const piece of source) {
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + chunkBytes - length);
      chunk.set(taken, length);
      at += taken.length;
      length += taken.length;
      if (length < chunkBytes) continue;
      yield chunk;
      length = 0;
    }
  }
  if (length > 0) yield chunk.subarray(0, length);
}
