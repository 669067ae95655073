import type { FileHandle } from 'node:fs/promises';
import { audioTypes } from '../../job-types/fields/audio-names.js';
import type { InputFolder } from '../../store/folders/input-folder.js';
import type { ByteRange } from '../../store/files.js';
import { runFor } from '../frame/step.js';
import type { StepFiles } from '../providers/files.js';
import type { AudioSource } from './source.js';

/** Where a file lies: the id of a stored one, or a path from INPUT_ROOT. */
export type Place = { file: string } | { path: string };

export interface Shelves {
  files: Pick<StepFiles, 'open'>;
  inputFolder: Pick<InputFolder, 'open'>;
}

/** What a file is known by, so that another one in its place is not taken for it. */
export async function identityOf(place: Place, { inputFolder }: Shelves): Promise<object> {
  if ('file' in place) return place;
  const handle = await inputFolder.open(place.path);
  try {
    const { size, mtimeMs } = await handle.stat();
    return { ...place, size, mtimeMs };
  } finally {
    await handle.close();
  }
}

/** A file for as long as the work takes. @throws {StepFailure} file-gone @throws {FileUnreadable} */
export async function opened<T>(
  place: Place,
  { owner, shelves, work }: { owner: string; shelves: Shelves; work: (source: AudioSource) => Promise<T> },
): Promise<T> {
  if ('file' in place) return work(await runFor(owner, () => shelves.files.open(place.file)));
  const handle = await shelves.inputFolder.open(place.path);
  try {
    const { size } = await handle.stat();
    const name = place.path.split('/').at(-1) ?? place.path;
    return await work({ name, mediaType: typeOf(name), size, bytes: (range) => readable(handle, range) });
  } finally {
    await handle.close();
  }
}

const types: Readonly<Record<string, string>> = audioTypes;

const typeOf = (name: string): string =>
  types[name.split('.').at(-1)?.toLowerCase() ?? ''] ?? 'application/octet-stream';

const pieceBytes = 256 * 1024;

async function* readable(handle: FileHandle, { from, to }: ByteRange): AsyncGenerator<Buffer> {
  for (let at = from; at < to;) {
    const length = Math.min(pieceBytes, to - at);
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
    // Somebody has cut it meanwhile.
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}
