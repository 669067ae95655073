import type { InputFolder, Wanted } from '../store/folders/input-folder.js';
import type { Receipts } from '../store/receipts.js';
import { reused } from './frame/receipts.js';
import { currentStep } from './frame/step.js';

export interface FolderDependencies {
  inputFolder: Pick<InputFolder, 'list'>;
  receipts: Pick<Receipts, 'find' | 'put'>;
}

export interface Listed {
  /** From INPUT_ROOT, sorted. */
  files: string[];
}

export const createFolderActivities = ({ inputFolder, receipts }: FolderDependencies) => ({
  /** What a retry of the job goes by too, so that its items have the same numbers. */
  listFolder: reused(receipts, async (wanted: Wanted): Promise<Listed> => {
    currentStep().progress({ message: 'Looking for files' });
    return { files: await inputFolder.list(wanted) };
  }),
});
