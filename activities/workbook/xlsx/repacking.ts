import { Readable, pipeline } from 'node:stream';
import { createDeflateRaw, crc32 as checksum } from 'node:zlib';
import { Zip, type ZipInputFile } from 'fflate';
import type { Entry } from 'yauzl';
import type { Archive } from './archive.js';

/** What becomes of a part: its new text, nothing, or what it is. */
export type Repacking = (entry: Entry) => AsyncIterable<string> | 'left-out' | 'as-it-is';

/** Packs an archive anew. Parts that stay as they are are copied as they are packed. */
export async function* repacked(
  archive: Archive,
  { repack, signal }: { repack: Repacking; signal: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, piece) => {
    if (error) throw error;
    ready.push(piece);
  });
  const taken = () => {
    const pieces = ready;
    ready = [];
    return pieces;
  };
  for (const entry of archive.entries) {
    const becomes = repack(entry);
    if (becomes === 'left-out' || entry.fileName.endsWith('/')) continue;
    if (becomes === 'as-it-is') {
      const copy = packed(entry);
      zip.add(copy);
      for await (const piece of archive.bytes(entry, { signal, raw: true })) {
        copy.ondata?.(null, Uint8Array.from(piece), false);
        yield* taken();
      }
      copy.ondata?.(null, new Uint8Array(), true);
    } else {
      const part = { filename: entry.fileName, size: 0, crc: 0, compression: 8 } as ZipInputFile;
      zip.add(part);
      for await (const piece of deflated(becomes, part)) {
        part.ondata?.(null, Uint8Array.from(piece), false);
        yield* taken();
      }
      part.ondata?.(null, new Uint8Array(), true);
    }
    yield* taken();
  }
  zip.end();
  yield* taken();
}

/** The bytes of a part, packed in another thread. Its length and checksum are known, and noted, once they all are read. */
function deflated(texts: AsyncIterable<string>, part: ZipInputFile): AsyncIterable<Buffer> {
  async function* bytes(): AsyncGenerator<Buffer> {
    for await (const text of texts) {
      if (text === '') continue;
      const piece = Buffer.from(text);
      part.size += piece.length;
      part.crc = checksum(piece, part.crc);
      yield piece;
    }
  }
  // What fails is thrown where it is read from.
  return pipeline(Readable.from(bytes(), { objectMode: false }), createDeflateRaw(), () => undefined);
}

/** A part whose bytes are packed already. */
const packed = ({ fileName, uncompressedSize, crc32, compressionMethod }: Entry): ZipInputFile => ({
  filename: fileName,
  size: uncompressedSize,
  crc: crc32,
  compression: compressionMethod,
});
