import { setImmediate as otherWork } from 'node:timers/promises';
import { languageName } from '../../job-types/fields/language.js';
import type { Word } from '../../job-types/fields/word.js';
import { StepFailure } from '../frame/step-failure.js';
import { readEnglish } from './english.js';
import { type RulesLanguage, rulesLanguage } from './rules-language.js';

export interface RulesRequest {
  text: string;
  /** BCP 47. */
  sourceLang: string;
  wordCount: number;
  signal: AbortSignal;
}

/** The forms of one word in the text. */
interface Candidate {
  count: number;
  /** Where it first stands, in words from the start. */
  position: number;
  /** How often each form was seen where a capital says something, that is not at the start of a sentence. */
  inside: Map<string, number>;
  /** At the start of a sentence, where every word has a capital. */
  atStart: Map<string, number>;
  sentences: string[];
}

const examplesOfWord = 2;
/** Among which those are looked for that have the form that is shown. */
const sentencesOfWord = 8;
/** Headlines teach little, and neither do the paragraphs some people write as one sentence. */
const goodSentence = { shortest: 20, longest: 300 };

/** How many sentences are read before other work gets its turn; a few milliseconds. */
const sentencesAtOnce = 50;

/**
 * Chooses the most frequent words that are not everyday ones, and shows them as the text does. No model is asked:
 * translations are null, and so is everything else that cannot be read off the text.
 * @throws {StepFailure} language-not-supported; no-words when the text seems to be in another language
 */
export async function chooseWordsByRules(request: RulesRequest): Promise<Word[]> {
  const { text, sourceLang, wordCount, signal } = request;
  const language = rulesLanguage(sourceLang);
  if (!language) {
    throw new StepFailure(
      'language-not-supported',
      `No model is asked, and the built-in rules do not know ${languageName(sourceLang)}.`,
    );
  }
  const candidates = await collect(text, { language, signal });
  const chosen = [...candidates.values()]
    .flatMap((candidate) => show(candidate, language) ?? [])
    .toSorted((a, b) => b.count - a.count || b.word.length - a.word.length || a.position - b.position)
    .slice(0, wordCount);
  if (chosen.length === 0) {
    const detail = `The text has no ${languageName(sourceLang)} words beside names and the most common ones.`;
    throw new StepFailure('no-words', detail);
  }
  const grammar = language.base === 'en' ? await readEnglish(chosen, signal) : null;
  return chosen.map(({ word, partOfSpeech, examples }) => {
    const known = grammar?.get(word);
    return {
      word,
      lemma: known?.lemma ?? null,
      partOfSpeech: known?.partOfSpeech ?? partOfSpeech,
      gender: null,
      translation: null,
      examples,
    };
  });
}

async function collect(
  text: string,
  { language, signal }: { language: RulesLanguage; signal: AbortSignal },
): Promise<Map<string, Candidate>> {
  const candidates = new Map<string, Candidate>();
  let position = 0;
  for (const [index, sentence] of language.sentences(text).entries()) {
    if (index % sentencesAtOnce === 0) await otherWork();
    signal.throwIfAborted();
    for (const { word, startsSentence } of language.words(sentence)) {
      position += 1;
      if (language.isStopWord(word)) continue;
      const key = language.group(word);
      const candidate = candidates.get(key) ?? newCandidate(position);
      candidates.set(key, candidate);
      candidate.count += 1;
      const forms = startsSentence ? candidate.atStart : candidate.inside;
      forms.set(word, (forms.get(word) ?? 0) + 1);
      note(sentence, candidate);
    }
  }
  return candidates;
}

const newCandidate = (position: number): Candidate => ({
  count: 0,
  position,
  inside: new Map(),
  atStart: new Map(),
  sentences: [],
});

function note(sentence: string, { sentences }: Candidate): void {
  const good = sentence.length >= goodSentence.shortest && sentence.length <= goodSentence.longest;
  if (good && sentences.length < sentencesOfWord && !sentences.includes(sentence)) sentences.push(sentence);
}

interface Shown {
  word: string;
  count: number;
  position: number;
  partOfSpeech: string | null;
  examples: string[];
}

/** The word in its most frequent form; null for a name. */
function show(
  { count, position, inside, atStart, sentences }: Candidate,
  language: RulesLanguage,
): Shown | null {
  const hasCapital = (word: string) => word !== language.lowerCase(word);
  const alwaysCapital = inside.size > 0 && [...inside.keys()].every(hasCapital);
  if (alwaysCapital && language.capitalMarks === 'name') return null;
  const forms = inside.size > 0 ? inside : atStart;
  const [form] = [...forms].reduce((best, next) => (next[1] > best[1] ? next : best));
  const word = inside.size === 0 && language.capitalMarks === 'name' ? language.lowerCase(form) : form;
  const examples = sentences.toSorted((a, b) => Number(b.includes(form)) - Number(a.includes(form)));
  return {
    word,
    count,
    position,
    partOfSpeech: alwaysCapital ? 'noun' : null,
    examples: examples.slice(0, examplesOfWord),
  };
}
