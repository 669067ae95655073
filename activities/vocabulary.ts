import { languageName } from '../job-types/fields/language.js';
import { plainText } from '../job-types/fields/plain-text.js';
import { rulesName } from '../job-types/fields/model-names.js';
import type { Word } from '../job-types/fields/word.js';
import type { Texts } from '../store/texts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { groundedWords } from './grounding/grounded-words.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import {
  type ChooseWords,
  chooseWordsAnswer,
  chooseWordsPrompt,
  chooseWordsVersion,
} from './prompts/choose-words.js';
import type { ArticleReader } from './providers/article/article-reader.js';

export interface ExtractWords {
  /** Absent in runs that began before there was a ledger. */
  owner?: string | undefined;
  textId: string;
  /** BCP 47 tags. */
  sourceLang: string;
  targetLang: string;
  wordCount: number;
  /** Which words the person prefers. */
  prompt?: string | undefined;
  /** One of the configured names; the default one when absent. */
  model?: string | undefined;
}

/** What chose them is "rules", or provider/model. */
export type ExtractedWords = { words: Word[] } & Paying;

interface ReadText {
  text: string;
  /** Characters of the whole, of which the text may be the beginning. */
  fullLength: number;
}

export interface VocabularyDependencies extends ModelStepDependencies {
  reader: Pick<ArticleReader, 'chooseWords'>;
  texts: Pick<Texts, 'read'>;
}

/** Far more than an article has, and a bound on what a page can make us pay for: some 15,000 tokens of English. */
const mostCharacters = 60_000;

export function createVocabularyActivities({ reader, texts, ...deps }: VocabularyDependencies) {
  async function readText(textId: string): Promise<ReadText> {
    const stored = await texts.read(textId);
    if (stored === null)
      throw new StepFailure('result-missing', 'The text of the article is no longer stored.');
    const whole = plainText(stored);
    return { text: cutAtParagraph(whole), fullLength: whole.length };
  }

  async function byRules({ textId, sourceLang, wordCount, prompt }: ExtractWords): Promise<ExtractedWords> {
    const step = currentStep();
    const read = await readText(textId);
    step.progress({ message: `Choosing ${wordCount} words by rules`, done: 0, total: wordCount });
    const { text } = read;
    const words = await reader.chooseWords({ text, sourceLang, wordCount, signal: step.signal });
    const notes = notesOn(read);
    notes.push('Chosen by the built-in rules, which do not translate; set MODEL to ask a model.');
    if (prompt) notes.push('The rules cannot follow the preference in "prompt".');
    return { words, provider: rulesName, usage: null, notes };
  }

  const byModel = modelStep(deps, {
    promptVersion: chooseWordsVersion,
    question: (asked: ChooseWords & ReadText) => ({
      ...chooseWordsPrompt(asked),
      ...chooseWordsAnswer(asked.wordCount),
    }),
    async outcome({ value, provider }, asked) {
      const { words, notes } = await groundedWords(value, asked);
      if (words.length > 0) return { words, notes: [...notesOn(asked), ...notes] };
      const detail = `${provider} named no ${languageName(asked.sourceLang)} word that stands in the text.`;
      throw new StepFailure('malformed-answer', detail, { provider });
    },
  });

  return {
    /** Chooses words of a stored text, by a model or by rules. */
    async extractWords(request: ExtractWords): Promise<ExtractedWords> {
      if (deps.models.choose(request.model) === rulesName) return byRules(request);
      const { owner = '', textId, prompt: preference, sourceLang, targetLang, wordCount, model } = request;
      return byModel({
        owner,
        model,
        ...(await readText(textId)),
        sourceLang,
        targetLang,
        wordCount,
        preference,
      });
    },
  };
}

const notesOn = ({ text, fullLength }: ReadText): string[] =>
  text.length < fullLength ? [`Only the first ${text.length} of ${fullLength} characters were read.`] : [];

/** The beginning of a text that is too long, up to the end of a paragraph, or of a sentence if there is no paragraph. */
function cutAtParagraph(text: string): string {
  if (text.length <= mostCharacters) return text;
  const head = text.slice(0, mostCharacters).toWellFormed();
  const ends = ['\n', '. ', ' '].map((end) => head.lastIndexOf(end) + 1);
  return head.slice(0, ends.find((end) => end > mostCharacters / 2) ?? head.length).trimEnd();
}
