import { randomUUID } from 'node:crypto';
import { fileName } from '../../store/file-name.js';
import { writeBytes } from '../../store/file-writing.js';
import { type ByteRange, FileGone, type Files, type StoredFile } from '../../store/files.js';
import type { MadeFiles, Maker } from '../../store/made-files.js';
import { StepFailure } from '../frame/step-failure.js';
import { type Step, currentStep } from '../frame/step.js';

/** Bytes of a file that a step makes, where it sets no limit itself. */
const mostMade = 256 * 1024 * 1024;

/** A stored file whose bytes can be read, all or in part, as often as is wanted. */
export interface OpenFile extends StoredFile {
  /**
   * In pieces of at most 256 KiB, one query each. All of them unless a range is given.
   * @throws {StepFailure} file-gone, when its owner removes it meanwhile
   */
  bytes(range?: ByteRange): AsyncIterable<Buffer>;
}

/** A file that a step makes. */
export interface NewFile {
  /** For people. What could be a path in it goes. */
  name: string;
  mediaType: string;
  /** Which of the files of this step and item it is; its name where that is absent. */
  as?: string;
  /** All of it, or piece by piece: less than 512 KiB is held besides a piece. */
  bytes: AsyncIterable<Uint8Array> | Uint8Array;
  /** Bytes. */
  mostBytes?: number;
}

export interface FileDependencies {
  files: Pick<Files, 'read' | 'bytes' | 'append' | 'discard'>;
  madeFiles: MadeFiles;
}

/**
 * What the steps of jobs read and write files with; to be called inside an activity. Whose files they are is known from
 * the step. A cancel ends reading and writing.
 */
export function createStepFiles({ files, madeFiles }: FileDependencies) {
  /** @throws {StepFailure} file-gone, file-beyond-limit where it has more than `mostBytes` */
  const open = async (
    id: string,
    { mostBytes = Infinity }: { mostBytes?: number } = {},
  ): Promise<OpenFile> => {
    const step = currentStep();
    const file = await files.read(id, step.owner);
    if (!file) throw new StepFailure('file-gone', `There is no file ${id} any more.`);
    if (file.size > mostBytes) {
      const detail = `The file "${file.name}" has ${file.size} bytes; the step reads ${mostBytes} at most.`;
      throw new StepFailure('file-beyond-limit', detail);
    }
    const all = { from: 0, to: file.size };
    return { ...file, bytes: (range = all) => readable(files.bytes(id, range), { step, name: file.name }) };
  };

  return {
    open,

    /** A file as one buffer. @throws {StepFailure} file-gone, file-beyond-limit */
    async read(id: string, limit: { mostBytes: number }): Promise<StoredFile & { content: Buffer }> {
      const { bytes, ...file } = await open(id, limit);
      const pieces: Buffer[] = [];
      for await (const piece of bytes()) pieces.push(piece);
      return { ...file, content: Buffer.concat(pieces) };
    },

    /**
     * Stores a file that belongs to the job from then on. When the step is repeated, the file of the newer attempt takes the
     * place of the earlier one's. If it fails, nothing is left.
     * @throws what the source does, and {StepFailure} file-beyond-limit
     */
    async write({ name: given, mediaType, as, bytes, mostBytes = mostMade }: NewFile): Promise<StoredFile> {
      const step = currentStep();
      const name = fileName(given);
      const id = `file_${randomUUID()}`;
      const maker = makerOf(step, as ?? name);
      try {
        await madeFiles.begin({ id, owner: step.owner, maker });
        const source = limited(bytes, { step, name, mostBytes });
        const written = await writeBytes(files, { id, source });
        return await madeFiles.finish({ id, name, mediaType, ...written, maker });
      } catch (error) {
        await discard(files, id);
        if (!(error instanceof FileGone)) throw error;
        const detail = `What was written of the file "${name}" is gone, or a later attempt writes it.`;
        throw new StepFailure('storage-unavailable', detail, { cause: error });
      }
    },
  };
}

export type StepFiles = ReturnType<typeof createStepFiles>;

const makerOf = ({ jobId, runId, activity, attempt, name, item }: Step, as: string): Maker => ({
  ...{ jobId, runId, activity, attempt },
  place: JSON.stringify([name, item, as]),
});

async function* readable(
  pieces: AsyncIterable<Buffer>,
  { step, name }: { step: Step; name: string },
): AsyncGenerator<Buffer> {
  try {
    for await (const piece of pieces) {
      step.signal.throwIfAborted();
      yield piece;
    }
  } catch (error) {
    if (!(error instanceof FileGone)) throw error;
    throw new StepFailure('file-gone', `The file "${name}" was removed.`, { cause: error });
  }
}

async function* limited(
  bytes: NewFile['bytes'],
  { step, name, mostBytes }: { step: Step; name: string; mostBytes: number },
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of bytes instanceof Uint8Array ? [bytes] : bytes) {
    step.signal.throwIfAborted();
    size += piece.length;
    if (size > mostBytes) {
      const detail = `The file "${name}" would have more than ${mostBytes} bytes, which is the most.`;
      throw new StepFailure('file-beyond-limit', detail);
    }
    yield piece;
  }
}

/** What stays because the database is away goes within an hour or so, and why it all failed matters more. */
const discard = (files: Pick<Files, 'discard'>, id: string): Promise<void> =>
  files.discard(id).catch(() => undefined);
