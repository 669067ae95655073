import type { Word } from '../job-types/fields/word.js';
import type { Receipts } from '../store/receipts.js';
import { upsertWords } from '../store/words.js';
import { once } from './frame/receipts.js';
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

export const createWordActivities = ({ receipts }: { receipts: Pick<Receipts, 'once'> }) => ({
  /** However often it is repeated, the words are saved once and the counts stay the same. */
  saveWords: once(receipts, (trx, batch: SaveWords): Promise<SavedWords> =>
    upsertWords(trx, { ...batch, jobId: currentStep().jobId }),
  ),
});
