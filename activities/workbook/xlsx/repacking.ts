import { Zip, ZipDeflate, type ZipInputFile } from 'fflate';
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
      const file = new ZipDeflate(entry.fileName, { level: 6 });
      zip.add(file);
      const encoder = new TextEncoder();
      for await (const text of becomes) {
        file.push(encoder.encode(text));
        yield* taken();
      }
      file.push(new Uint8Array(), true);
    }
    yield* taken();
  }
  zip.end();
  yield* taken();
}

/** A part whose bytes are packed already. */
const packed = ({ fileName, uncompressedSize, crc32, compressionMethod }: Entry): ZipInputFile => ({
  filename: fileName,
  size: uncompressedSize,
  crc: crc32,
  compression: compressionMethod,
});
