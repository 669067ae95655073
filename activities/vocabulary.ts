import type { Spent } from '../job-types/contract/outcome.js';
import { languageName } from '../job-types/fields/language.js';
import { plainText } from '../job-types/fields/plain-text.js';
import { rulesName } from '../job-types/fields/model-names.js';
import type { Word } from '../job-types/fields/word.js';
import type { Texts } from '../store/texts.js';
import type { Receipts } from '../store/receipts.js';
import type { Ledger, Payer } from './frame/ledger.js';
import { paid } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { groundedWords } from './grounding/grounded-words.js';
import type { ArticleReader } from './providers/article/article-reader.js';
import {
  type ChooseWords,
  chooseWordsAnswer,
  chooseWordsPrompt,
  chooseWordsVersion,
} from './prompts/choose-words.js';
import type { Models } from './providers/model.js';
import { type Step, currentStep } from './frame/step.js';

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

export interface ExtractedWords {
  words: Word[];
  /** What chose them: "rules", or provider/model. */
  provider: string;
  usage: Spent | null;
  /** What the person should know about how it went. */
  notes: string[];
}

interface ReadText {
  text: string;
  /** Characters of the whole, of which the text may be the beginning. */
  fullLength: number;
}

type ByModel = ExtractWords & { model: string };

/** What a model is asked. */
type Asked = ChooseWords & ReadText & { model: string };

export interface VocabularyDependencies {
  models: Models;
  reader: Pick<ArticleReader, 'chooseWords'>;
  texts: Pick<Texts, 'read'>;
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

/** Far more than an article has, and a bound on what a page can make us pay for: some 15,000 tokens of English. */
const mostCharacters = 60_000;

/** How often a person who watches is told how far the answer is. */
const tellEveryMs = 1000;

export function createVocabularyActivities({
  models,
  reader,
  receipts,
  texts,
  ledger,
}: VocabularyDependencies) {
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

  async function askModel({ model, ...asked }: Asked, payer: Payer): Promise<ExtractedWords> {
    const { sourceLang, wordCount } = asked;
    const step = currentStep();
    step.progress({ message: `Asking ${model} for ${wordCount} words`, done: 0, total: wordCount });
    const count = countWords(step, wordCount);
    const question = {
      ...payer,
      ...chooseWordsPrompt(asked),
      ...chooseWordsAnswer(wordCount),
      signal: step.signal,
      onText(delta: string) {
        step.output(delta);
        count(delta);
      },
      onRestart: step.restart,
      onPartial: step.partial,
    };
    return ledger.call(question, async (heard) => {
      const { value, usage, provider, notes: heardOf } = await models.ask(heard);
      const { words, notes: dropped } = await groundedWords(value, asked);
      if (words.length > 0)
        return { words, provider, usage, notes: [...notesOn(asked), ...heardOf, ...dropped] };
      const detail = `${provider} named no ${languageName(sourceLang)} word that stands in the text.`;
      throw new StepFailure('malformed-answer', detail, { provider });
    });
  }

  /** An answer that was paid for is never asked for again. */
  const byModel = paid(receipts, {
    async asks({ textId, sourceLang, targetLang, wordCount, prompt: preference, model }: ByModel) {
      return { ...(await readText(textId)), sourceLang, targetLang, wordCount, preference, model };
    },
    work: (asked: Asked, request) => askModel(asked, payerOf(request)),
    onReuse: (_, request) => ledger.reused(payerOf(request)),
  });

  return {
    /** Chooses words of a stored text, by a model or by rules. */
    async extractWords(request: ExtractWords): Promise<ExtractedWords> {
      const model = models.choose(request.model);
      return model === rulesName ? byRules(request) : byModel({ ...request, model });
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

const payerOf = ({ owner = '', model }: ByModel): Payer => ({
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
