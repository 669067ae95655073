import { languageName } from '../job-types/fields/language.js';
import { articleTheme } from '../job-types/fields/theme.js';
import type { KnownTheme, Themes } from '../store/themes.js';
import { reused } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { askedWords } from './grounding/asked-words.js';
import { themeWords } from './grounding/theme-words.js';
import { type ModelStepDependencies, modelStep } from './model-step.js';
import {
  type MakeTheme,
  createThemeAnswer,
  createThemePrompt,
  createThemeVersion,
} from './prompts/create-theme.js';
import {
  type TranslateGiven,
  translateWordsAnswer,
  translateWordsPrompt,
  translateWordsVersion,
} from './prompts/translate-words.js';

export interface RecallThemes {
  owner: string;
  /** BCP 47 tags. */
  sourceLang: string;
  targetLang: string;
}

export interface ThemeDependencies extends ModelStepDependencies {
  themes: Pick<Themes, 'known'>;
}

/** What fits into a prompt, as 50 words of each are shown: some 15,000 tokens at most. */
const mostThemes = 40;
const mostWords = 200;

export function createThemeActivities({ themes, ...deps }: ThemeDependencies) {
  return {
    /** The themes of a pair of languages that could be related to a new one. A retry gets those that the first job got. */
    recallThemes: reused(deps.receipts, async (of: RecallThemes): Promise<{ known: KnownTheme[] }> => {
      const known = await themes.known({ ...of, except: articleTheme, mostThemes, mostWords });
      return { known };
    }),

    /** Words for a theme, which the theme and a related one do not hold. */
    makeThemeWords: modelStep(deps, {
      promptVersion: createThemeVersion,
      question: (asked: MakeTheme) => ({
        ...createThemePrompt(asked),
        ...createThemeAnswer(asked.wordCount),
      }),
      outcome({ value, provider }, asked) {
        const made = themeWords(value, asked);
        if (made.words.length > 0) return made;
        const language = languageName(asked.sourceLang);
        const detail = `${provider} named no ${language} word that "${made.theme}" does not hold already.`;
        throw new StepFailure('malformed-answer', detail, { provider });
      },
    }),

    /** Translates the words that are given, and no others. */
    translateGiven: modelStep(deps, {
      promptVersion: translateWordsVersion,
      question: (asked: TranslateGiven) => ({
        ...translateWordsPrompt(asked),
        ...translateWordsAnswer(asked.words),
      }),
      outcome({ value, provider }, { words }) {
        const translated = askedWords(value.words, words);
        if (translated.words.length > 0) return translated;
        throw new StepFailure('malformed-answer', `${provider} translated none of the words.`, { provider });
      },
    }),
  };
}
