import { StringDecoder } from 'node:string_decoder';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { isRecord } from '../../../job-types/contract/is-record.js';
import { StepFailure } from '../../frame/step-failure.js';
import type { TableFile } from '../operation.js';

/** Bytes of a workbook once it is unpacked, its parts, bytes of their names, and of a part that is held as a whole. */
const most = {
  bytes: 256 * 1024 * 1024,
  entries: 10_000,
  names: 4 * 1024 * 1024,
  whole: 8 * 1024 * 1024,
};

/** The parts of a workbook, in their order in the file. Their names are never paths of the disk. */
export class Archive {
  /** By its name in small letters. Of two with the same name, the first one. */
  private readonly byName: ReadonlyMap<string, Entry>;

  private constructor(
    private readonly zip: ZipFile,
    readonly entries: readonly Entry[],
    private readonly file: TableFile,
  ) {
    this.byName = new Map(entries.toReversed().map((entry) => [entry.fileName.toLowerCase(), entry]));
  }

  /** @throws {StepFailure} workbook-damaged, workbook-locked, file-beyond-limit */
  static async open(file: TableFile): Promise<Archive> {
    let zip: ZipFile;
    try {
      zip = await yauzl.openPromise(file.path, { lazyEntries: true, autoClose: false });
    } catch (error) {
      throw damaged(file, error);
    }
    try {
      return new Archive(zip, await entriesOf(zip, file), file);
    } catch (error) {
      zip.close();
      throw error instanceof StepFailure ? error : damaged(file, error);
    }
  }

  close(): void {
    this.zip.close();
  }

  /** Null for a part that is not there. A few programs write other cases than the ones they name. */
  find(name: string): Entry | null {
    return this.byName.get(name.toLowerCase()) ?? null;
  }

  /**
   * The bytes of a part, unpacked, or as they stand in the file.
   * @throws {StepFailure} workbook-damaged
   */
  async *bytes(
    entry: Entry,
    { signal, raw = false }: { signal: AbortSignal; raw?: boolean },
  ): AsyncGenerator<Buffer> {
    try {
      const stream = await (raw && entry.compressionMethod === 8
        ? this.zip.openReadStreamPromise(entry, { decompress: false })
        : this.zip.openReadStreamPromise(entry));
      for await (const piece of stream) {
        signal.throwIfAborted();
        yield piece as Buffer;
      }
    } catch (error) {
      if (signal.aborted || error instanceof StepFailure || isOfSystem(error)) throw error;
      throw damaged(this.file, error);
    }
  }

  /**
   * A part as text, in pieces.
   * @throws {StepFailure} workbook-damaged
   */
  async *text(entry: Entry, signal: AbortSignal): AsyncGenerator<string> {
    const decoder = new StringDecoder('utf8');
    for await (const piece of this.bytes(entry, { signal })) yield decoder.write(piece);
    yield decoder.end();
  }

  /**
   * A part as a whole.
   * @throws {StepFailure} workbook-damaged, file-beyond-limit
   */
  async whole(entry: Entry, signal: AbortSignal): Promise<string> {
    if (entry.uncompressedSize > most.whole) {
      throw tooMuch(this.file, `a part of ${entry.uncompressedSize} bytes`);
    }
    let text = '';
    for await (const piece of this.text(entry, signal)) text += piece;
    return text;
  }

  damaged(cause: unknown): StepFailure {
    return damaged(this.file, cause);
  }
}

async function entriesOf(zip: ZipFile, file: TableFile): Promise<Entry[]> {
  if (zip.entryCount > most.entries) throw tooMuch(file, `${zip.entryCount} parts`);
  const entries: Entry[] = [];
  let [size, packed, names] = [0, 0, 0];
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted()) {
      throw new StepFailure('workbook-locked', `The workbook "${file.name}" is locked with a password.`);
    }
    size += entry.uncompressedSize;
    if (size > most.bytes) throw tooMuch(file, `more than ${most.bytes} bytes once it is unpacked`);
    names += entry.fileNameLength + entry.extraFieldLength + entry.fileCommentLength;
    if (names > most.names) throw tooMuch(file, `more than ${most.names} bytes of names and comments`);
    // They take many times as much memory as they are long, and nobody reads them.
    Object.assign(entry, { comment: '', fileComment: '', extraFields: [] });
    packed += entry.compressedSize;
    // Its parts lie on top of each other, and would be copied as often.
    if (packed > zip.fileSize) throw damaged(file, new Error('it has more in it than it is long'));
    entries.push(entry);
  }
  return entries;
}

const tooMuch = ({ name }: TableFile, has: string): StepFailure =>
  new StepFailure('file-beyond-limit', `The workbook "${name}" has ${has}, which is more than is read.`);

const damaged = ({ name }: TableFile, cause: unknown): StepFailure =>
  new StepFailure('workbook-damaged', `The workbook "${name}" is damaged, or lies about what is in it.`, {
    cause,
  });

/** The disk's fault, and not the file's. What unpacks has codes of its own, which begin with Z. */
const isOfSystem = (error: unknown): boolean => isRecord(error) && typeof error['syscall'] === 'string';
