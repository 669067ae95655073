import { Readable } from 'node:stream';
import { StreamableFile } from '@nestjs/common';
import type { Files } from '../../../store/files.js';

const around = [Buffer.from('{"root":{"output_type":"batchtext","texts":'), Buffer.from('}}')] as const;

/**
 * What `batchText` makes of texts that stand in a file, as it is sent. They are read while they are sent: they may be
 * more than a process has room for. Null when the owner has removed the file.
 */
export async function wholeTexts(
  files: Pick<Files, 'read' | 'bytes'>,
  { id, owner }: { id: string; owner: string },
): Promise<StreamableFile | null> {
  const file = await files.read(id, owner);
  if (!file) return null;
  const [before, after] = around;
  async function* answer() {
    yield before;
    yield* files.bytes(id, { from: 0, to: file?.size ?? 0 });
    yield after;
  }
  return new StreamableFile(Readable.from(answer(), { objectMode: false }), {
    type: 'application/json; charset=utf-8',
    length: before.length + file.size + after.length,
  });
}
