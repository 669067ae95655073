import { articleTheme } from '../job-types/fields/theme.js';
import type { Word } from '../job-types/fields/word.js';
import type { Receipts } from '../store/receipts.js';
import { takeBackWords, upsertWords } from '../store/words.js';
import { type RunIsOpen, once } from './frame/receipts.js';
import { currentStep } from './frame/step.js';

export interface SaveWords {
  owner: string;
  sourceLang: string;
  targetLang: string;
  /** That of articles when absent. */
  theme?: string | undefined;
  sourceUrl: string | null;
  words: Word[];
}

export interface SavedWords {
  newWords: number;
  updatedWords: number;
}

export interface WordDependencies {
  receipts: Pick<Receipts, 'once'>;
  isOpen: RunIsOpen;
}

export const createWordActivities = ({ receipts, isOpen }: WordDependencies) => ({
  /**
   * However often it is repeated, the words are saved once and the counts stay the same. When an earlier run has saved
   * others, those go: what the result tells is what the table holds.
   */
  saveWords: once(receipts, {
    isOpen,
    async write({ trx, instead }, { theme = articleTheme, ...rest }: SaveWords): Promise<SavedWords> {
      const { jobId, rootJobId } = currentStep();
      const batch = { ...rest, theme };
      if (instead) await takeBackWords(trx, { ...batch, rootJobId });
      return upsertWords(trx, { ...batch, jobId });
    },
  }),
});
