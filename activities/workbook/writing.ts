import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isRecord } from '../../job-types/contract/is-record.js';
import { StepFailure } from '../frame/step-failure.js';

/** Bytes of the output of a step, which is also what a stored file has at most. */
const mostBytes = 256 * 1024 * 1024;

/**
 * Writes a file anew, as fast as the disk takes it. What is there already under its name is replaced.
 * @throws {StepFailure} disk-full, file-beyond-limit, and what the source throws
 */
export async function writeFile(
  path: string,
  { pieces, signal }: { pieces: AsyncIterable<string | Uint8Array>; signal: AbortSignal },
): Promise<void> {
  try {
    await pipeline(limited(pieces), createWriteStream(path), { signal });
  } catch (error) {
    throw isFull(error) ? full(error) : error;
  }
}

async function* limited(pieces: AsyncIterable<string | Uint8Array>): AsyncGenerator<string | Uint8Array> {
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length;
    if (bytes > mostBytes) {
      const detail = `The output of the step would have more than ${mostBytes} bytes.`;
      throw new StepFailure('file-beyond-limit', detail);
    }
    yield piece;
  }
}

const isFull = (error: unknown): boolean =>
  isRecord(error) && ['ENOSPC', 'EDQUOT'].includes(String(error['code']));

const full = (cause: unknown): StepFailure =>
  new StepFailure('disk-full', 'The disk of the worker has no room for the output of the step.', { cause });

/** Characters in one piece of output: many small writes cost more than they write. */
const pieceLength = 64 * 1024;

/** The same text in larger pieces. */
export async function* inPieces(texts: AsyncIterable<string>): AsyncGenerator<string> {
  let piece = '';
  for await (const text of texts) {
    piece += text;
    if (piece.length >= pieceLength) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}
