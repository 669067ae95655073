import type { Receipts } from '../store/receipts.js';
import { type NewDocument, addVersion, takeBackVersion } from '../store/documents.js';
import { type RunIsOpen, once } from './frame/receipts.js';
import { currentStep } from './frame/step.js';

export type SaveDocument = Omit<NewDocument, 'jobId'>;

export interface SavedVersion {
  documentId: string;
  version: number;
}

export interface DocumentDependencies {
  receipts: Pick<Receipts, 'once'>;
  isOpen: RunIsOpen;
}

export const createDocumentActivities = ({ receipts, isOpen }: DocumentDependencies) => ({
  /**
   * However often it is repeated, one version is saved. When an earlier run has saved another text, that goes, unless
   * somebody has gone on from it.
   */
  saveDocument: once(receipts, {
    isOpen,
    async write({ trx, instead }, document: SaveDocument): Promise<SavedVersion> {
      const { jobId, rootJobId } = currentStep();
      if (instead) await takeBackVersion(trx, { ...document, rootJobId });
      return addVersion(trx, { ...document, jobId });
    },
  }),
});
