import { StringDecoder } from 'node:string_decoder';
import type { Readable } from 'node:stream';
import yauzl, { type Entry, type ZipFile } from 'yauzl';
import { isRecord } from '../../../job-types/contract/is-record.js';
import { StepFailure } from '../../frame/step-failure.js';
import type { TableFile } from '../operation.js';

/** What a workbook may be: bytes once it is unpacked, its parts, and bytes of a part that is held as a whole. */
const most = { bytes: 256 * 1024 * 1024, entries: 10_000, whole: 8 * 1024 * 1024 };

/** The parts of a workbook, in their order in the file. Their names are never paths of the disk. */
export class Archive {
  private constructor(
    private readonly zip: ZipFile,
    readonly entries: readonly Entry[],
    private readonly file: TableFile,
  ) {}

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
    const plain = name.toLowerCase();
    return this.entries.find(({ fileName }) => fileName.toLowerCase() === plain) ?? null;
  }

  /** The bytes of a part, unpacked, or as they stand in the file. */
  stream(entry: Entry, { raw = false }: { raw?: boolean } = {}): Promise<Readable> {
    return raw && entry.compressionMethod === 8
      ? this.zip.openReadStreamPromise(entry, { decompress: false })
      : this.zip.openReadStreamPromise(entry);
  }

  /**
   * A part as text, in pieces.
   * @throws {StepFailure} workbook-damaged
   */
  async *text(entry: Entry, signal: AbortSignal): AsyncGenerator<string> {
    const decoder = new StringDecoder('utf8');
    try {
      const stream = await this.stream(entry);
      for await (const piece of stream) {
        signal.throwIfAborted();
        yield decoder.write(piece as Buffer);
      }
      yield decoder.end();
    } catch (error) {
      if (signal.aborted || error instanceof StepFailure || isOfSystem(error)) throw error;
      throw damaged(this.file, error);
    }
  }

  /**
   * A part as a whole; null where it is not there.
   * @throws {StepFailure} workbook-damaged, file-beyond-limit
   */
  async whole(name: string, signal: AbortSignal): Promise<string | null> {
    const entry = this.find(name);
    if (!entry) return null;
    if (entry.uncompressedSize > most.whole)
      throw tooMuch(this.file, `a part of ${entry.uncompressedSize} bytes`);
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
  let size = 0;
  for await (const entry of zip.eachEntry()) {
    if (entry.isEncrypted()) {
      throw new StepFailure('workbook-locked', `The workbook "${file.name}" is locked with a password.`);
    }
    size += entry.uncompressedSize;
    if (size > most.bytes) throw tooMuch(file, `more than ${most.bytes} bytes once it is unpacked`);
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
