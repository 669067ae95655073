import type { StepFiles } from '../providers/files.js';
import type { AudioSource } from './source.js';

/** Where a file lies: its id. */
export interface Place {
  file: string;
}

export interface Shelves {
  files: Pick<StepFiles, 'open'>;
}

/** What a file is identified by, so that another one in its place is not taken for it. */
export const identityOf = async ({ file }: Place): Promise<object> => ({ file });

/** A file for as long as the work takes. @throws {StepFailure} file-gone */
export async function opened<T>(
  { file }: Place,
  { shelves, work }: { shelves: Shelves; work: (source: AudioSource) => Promise<T> },
): Promise<T> {
  return work(await shelves.files.open(file));
}
