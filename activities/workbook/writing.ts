import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { isRecord } from '../../job-types/contract/is-record.js';
import { StepFailure } from '../frame/step-failure.js';

/**
 * Writes a file anew, as fast as the disk takes it. What is there already under its name is replaced.
 * @throws {StepFailure} disk-full, and what the source throws
 */
export async function writeFile(
  path: string,
  { pieces, signal }: { pieces: AsyncIterable<string | Uint8Array>; signal: AbortSignal },
): Promise<void> {
  try {
    await pipeline(pieces, createWriteStream(path), { signal });
  } catch (error) {
    throw isFull(error) ? full(error) : error;
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
