import type { Word } from '../job-types/fields/word.js';
import type { Receipts } from '../store/receipts.js';
import { upsertWords } from '../store/words.js';
import { currentStep } from './frame/step.js';

export interface SaveWords {
  owner: string;
  sourceLang: string;
  targetLang: string;
  sourceUrl: string;
  words: Word[];
}

export interface SavedWords {
  newWords: number;
  updatedWords: number;
}

export function createWordActivities({ receipts }: { receipts: Receipts }) {
  return {
    /** However often it is repeated, the words are saved once and the counts stay the same. */
    async saveWords(batch: SaveWords): Promise<SavedWords> {
      const { rootJobId, jobId, runId, name } = currentStep();
      return receipts.once({ rootJobId, step: name, runId }, (trx) => upsertWords(trx, { ...batch, jobId }));
    },
  };
}
