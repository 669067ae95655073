import { Readable } from 'node:stream';
import yauzl, { type Entry, RandomAccessReader } from 'yauzl';
import { type ByteRange, FileGone, chunkBytes } from '../../store/files.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { Problem } from '../problems/problems.js';
import { byEntry, zip } from './media-types.js';
import { refuseEntities } from './xml-check.js';

/** What a reader of the archive would have to bear: bytes once it is unpacked, entries, and bytes of names and comments. */
const most = { bytes: 256 * 1024 * 1024, entries: 10_000, names: 4 * 1024 * 1024 };

/** In ms. */
const longestMs = 30_000;

/** Stored, and deflated. */
const methods = new Set([0, 8]);

export interface Archive {
  /** Bytes. */
  size: number;
  bytes(range: ByteRange): AsyncIterable<Buffer>;
}

/**
 * Looks at what an archive says of itself, and then whether that is so, by unpacking it into nothing.
 * @returns its type
 * @throws {Problem} file-unsafe
 */
export async function checkedZip(archive: Archive): Promise<string> {
  const deadline = performance.now() + longestMs;
  try {
    const entries = await entriesOf(archive);
    const reader = await open(archive);
    try {
      for (const entry of entries) {
        if (performance.now() > deadline) throw tooLate();
        await unpack(await reader.openReadStreamPromise(entry), { entry, deadline });
      }
    } finally {
      reader.close();
    }
    return entries.map(({ fileName }) => byEntry[fileName]).find(Boolean) ?? zip;
  } catch (error) {
    if (error instanceof Problem || isOurs(error)) throw error;
    throw new Problem('file-unsafe', 'The archive is damaged, or lies about what is in it.', {
      cause: error,
    });
  }
}

/** What the database says, which is nothing that the archive could do anything about. */
const isOurs = (error: unknown): boolean => error instanceof FileGone || isDatabaseUnavailable(error);

const open = (archive: Archive) =>
  yauzl.fromRandomAccessReaderPromise(new StoredBytes(archive), archive.size, {
    lazyEntries: true,
    autoClose: false,
  });

async function entriesOf(archive: Archive): Promise<Entry[]> {
  const reader = await open(archive);
  try {
    if (reader.entryCount > most.entries) throw tooMuch(`${reader.entryCount} entries`, most.entries);
    const entries: Entry[] = [];
    let [packed, unpacked, named] = [0, 0, 0];
    for await (const entry of reader.eachEntry()) {
      if (entry.isEncrypted()) throw new Problem('file-unsafe', 'The archive is locked with a password.');
      if (!methods.has(entry.compressionMethod)) {
        throw new Problem('file-unsafe', 'The archive is packed in a way that is not read here.');
      }
      named += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
      if (named > most.names) throw tooMuch(`${named} bytes of names and comments`, most.names);
      // They take many times as much memory as they are long, and nobody reads them.
      Object.assign(entry, { comment: '', fileComment: '', extraFields: [] });
      packed += entry.compressedSize;
      unpacked += entry.uncompressedSize;
      entries.push(entry);
    }
    if (unpacked > most.bytes) throw tooMuch(`${unpacked} bytes once it is unpacked`, most.bytes);
    // Its entries lie on top of each other.
    if (packed > archive.size)
      throw new Problem('file-unsafe', 'The archive has more in it than it is long.');
    return entries;
  } finally {
    reader.close();
  }
}

const tooLate = () => new Problem('file-unsafe', `The archive is not unpacked within ${longestMs / 1000} s.`);

const tooMuch = (has: string, limit: number) =>
  new Problem('file-unsafe', `The archive has ${has}; ${limit} are opened at most.`);

/** What readers take for XML, by the ending of its name. */
const isXmlPart = (name: string): boolean => /\.(xml|rels|vml|svg|opf|xhtml)$/i.test(name);

async function unpack(
  stream: Readable,
  { entry, deadline }: { entry: Entry; deadline: number },
): Promise<void> {
  const pieces = inTime(stream, deadline);
  if (isXmlPart(entry.fileName)) {
    await refuseEntities(pieces, 'A part of the archive');
    return;
  }
  let isOver = false;
  while (!isOver) isOver = (await pieces.next()).done === true;
}

async function* inTime(stream: Readable, deadline: number): AsyncGenerator<Buffer> {
  for await (const piece of stream) {
    if (performance.now() > deadline) throw tooLate();
    yield piece as Buffer;
  }
}

/** What yauzl reads from, here and there in small pieces: the last chunk is at hand. */
class StoredBytes extends RandomAccessReader {
  private last: { number: number; bytes: Buffer } | null = null;

  constructor(private readonly archive: Archive) {
    super();
  }

  override _readStreamForRange(from: number, to: number): Readable {
    return Readable.from(this.pieces({ from, to }), { objectMode: false });
  }

  private async *pieces({ from, to }: ByteRange): AsyncGenerator<Buffer> {
    for (let at = from; at < to;) {
      const number = Math.floor(at / chunkBytes);
      const start = number * chunkBytes;
      const bytes = await this.chunk(number);
      const piece = bytes.subarray(at - start, to - start);
      if (piece.length === 0) return;
      yield piece;
      at += piece.length;
    }
  }

  private async chunk(number: number): Promise<Buffer> {
    if (this.last?.number === number) return this.last.bytes;
    const from = number * chunkBytes;
    const pieces: Buffer[] = [];
    const range = { from, to: Math.min(this.archive.size, from + chunkBytes) };
    for await (const piece of this.archive.bytes(range)) pieces.push(piece);
    const bytes = Buffer.concat(pieces);
    this.last = { number, bytes };
    return bytes;
  }
}
