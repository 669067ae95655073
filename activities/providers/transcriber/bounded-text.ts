import type { Response } from 'undici';
import { StepFailure } from '../../frame/step-failure.js';

/** Bytes: a day of speech has less. */
const mostBytes = 16 * 1024 * 1024;

/** @throws {StepFailure} malformed-answer, for more than any transcript has */
export async function boundedText({ body }: Response, provider: string): Promise<string> {
  const stream: AsyncIterable<Uint8Array> | null = body;
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stream ?? []) {
    size += piece.length;
    if (size > mostBytes) {
      const detail = `${provider} sent more than any transcript has.`;
      throw new StepFailure('malformed-answer', detail, { provider });
    }
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}
