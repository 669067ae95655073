import type { Spent } from '../job-types/contract/outcome.js';
import { languageName } from '../job-types/fields/language.js';
import { rulesName } from '../job-types/fields/model-names.js';
import type { Word } from '../job-types/fields/word.js';
import type { Texts } from '../store/texts.js';
import type { Receipts } from '../store/receipts.js';
import type { Ledger, Payer } from './frame/ledger.js';
import { StepFailure } from './frame/step-failure.js';
import { plainText } from './providers/plain-text.js';
import {
  ChosenWords,
  chooseWordsPrompt,
  chooseWordsVersion,
  longestAnswer,
  toWords,
} from './prompts/choose-words.js';
import type { Models } from './providers/model.js';
import { chooseWordsByRules } from './providers/rules.js';
import { type Step, currentStep } from './frame/step.js';

export interface ExtractWords {
  /** Absent in runs that began before there was a ledger: their calls belong to no owner, and to their job all the same. */
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

export interface ExtractedWords {
  words: Word[];
  /** What chose them: "rules", or provider/model. */
  provider: string;
  usage: Spent | null;
  /** What the person should know about how it went. */
  notes: string[];
}

export interface VocabularyDependencies {
  models: Models;
  texts: Pick<Texts, 'read'>;
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

/** Far more than an article has, and a bound on what a page can make us pay for: some 15,000 tokens of English. */
const mostCharacters = 60_000;

/** How often a person who watches is told how far the answer is. */
const tellEveryMs = 1000;

export function createVocabularyActivities({ models, receipts, texts, ledger }: VocabularyDependencies) {
  async function readText(textId: string): Promise<{ text: string; notes: string[] }> {
    const stored = await texts.read(textId);
    if (stored === null)
      throw new StepFailure('result-missing', 'The text of the article is no longer stored.');
    const whole = plainText(stored);
    const text = cutAtParagraph(whole);
    const cut = text.length < whole.length;
    return {
      text,
      notes: cut ? [`Only the first ${text.length} of ${whole.length} characters were read.`] : [],
    };
  }

  async function byRules({ textId, sourceLang, wordCount, prompt }: ExtractWords): Promise<ExtractedWords> {
    const step = currentStep();
    const { text, notes } = await readText(textId);
    step.progress({ message: `Choosing ${wordCount} words by rules`, done: 0, total: wordCount });
    const words = await chooseWordsByRules({ text, sourceLang, wordCount, signal: step.signal });
    notes.push('Chosen by the built-in rules, which do not translate; set MODEL to ask a model.');
    if (prompt) notes.push('The rules cannot follow the preference in "prompt".');
    return { words, provider: rulesName, usage: null, notes };
  }

  async function byModel(model: string, request: ExtractWords): Promise<ExtractedWords> {
    const { textId, sourceLang, targetLang, wordCount, prompt: preference } = request;
    const step = currentStep();
    const { text, notes } = await readText(textId);
    step.progress({ message: `Asking ${model} for ${wordCount} words`, done: 0, total: wordCount });
    const count = countWords(step, wordCount);
    const question = {
      ...payerOf(request, model),
      ...chooseWordsPrompt({ text, sourceLang, targetLang, wordCount, preference }),
      schema: ChosenWords,
      longestAnswer: longestAnswer(wordCount),
      signal: step.signal,
      onText(delta: string) {
        step.output(delta);
        count(delta);
      },
      onPartial: step.partial,
    };
    return ledger.call(question, async (asked) => {
      const { value, usage, provider } = await models.ask(asked);
      const words = toWords(value, wordCount);
      if (words.length > 0) return { words, provider, usage, notes };
      const detail = `${provider} named no ${languageName(sourceLang)} word.`;
      throw new StepFailure('malformed-answer', detail, { provider });
    });
  }

  return {
    /** Chooses words of a stored text, by a model or by rules. An answer that was paid for is never asked for again. */
    async extractWords(request: ExtractWords): Promise<ExtractedWords> {
      const step = currentStep();
      const { rootJobId, runId, name, signal } = step;
      const model = request.model ?? models.default;
      if (!models.names.includes(model)) {
        throw new StepFailure('model-not-found', `This worker is not configured for the model ${model}.`);
      }
      if (model === rulesName) return byRules(request);

      const earlier = await receipts.find<ExtractedWords>({ rootJobId, step: name });
      if (earlier) {
        if (step.jobId === rootJobId) return earlier;
        step.noteReused();
        await ledger.reused(payerOf(request, model));
        return { ...earlier, usage: null };
      }
      const extracted = await byModel(model, request);
      try {
        await receipts.put({ rootJobId, step: name, runId }, extracted);
      } catch (error) {
        // The words are paid for and here; failing now would buy them again. Temporal keeps them as this step's result.
        signal.throwIfAborted();
        const why = error instanceof Error ? error.message : String(error);
        extracted.notes.push(`The answer could not be kept for a later retry of the job (${why}).`);
      }
      return extracted;
    },
  };
}

/** The beginning of a text that is too long, up to the end of a paragraph, or of a sentence if there is no paragraph. */
function cutAtParagraph(text: string): string {
  if (text.length <= mostCharacters) return text;
  const head = text.slice(0, mostCharacters).toWellFormed();
  const ends = ['\n', '. ', ' '].map((end) => head.lastIndexOf(end) + 1);
  return head.slice(0, ends.find((end) => end > mostCharacters / 2) ?? head.length).trimEnd();
}

const payerOf = ({ owner = '' }: ExtractWords, model: string): Payer => ({
  owner,
  model,
  promptVersion: chooseWordsVersion,
});

/** Counts the words of the answer while it is still being written. */
function countWords(step: Step, total: number): (delta: string) => void {
  const key = /"word"\s*:/g;
  let tail = '';
  let done = 0;
  let toldAt = performance.now();
  return (delta) => {
    const text = tail + delta;
    const matches = [...text.matchAll(key)];
    const last = matches.at(-1);
    // What may be the beginning of a key that the next piece completes.
    tail = text.slice(last ? last.index + last[0].length : 0).slice(-16);
    if (matches.length === 0) return;
    done = Math.min(done + matches.length, total);
    if (performance.now() - toldAt < tellEveryMs) return;
    toldAt = performance.now();
    step.progress({ message: `${done} words so far`, done, total });
  };
}
