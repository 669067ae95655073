import snowball from 'snowball-stemmers';
import stopwordsIso from 'stopwords-iso/stopwords-iso.json' with { type: 'json' };

export interface FoundWord {
  word: string;
  /** Every first word may have a capital. */
  startsSentence: boolean;
}

/** What the rules know of a language. */
export interface RulesLanguage {
  /** BCP 47, without the region: "es". */
  base: string;
  sentences(text: string): string[];
  /** The words of a sentence as they stand there, without what is written onto them ("l'", "'s"). */
  words(sentence: string): FoundWord[];
  isStopWord(word: string): boolean;
  /** The same for the inflected forms of a word, where a stemmer is known; otherwise for its spellings in upper and lower case. */
  group(word: string): string;
  lowerCase(word: string): string;
  /** Whether a capital in the middle of a sentence marks a noun (true of German) or a name. */
  capitalMarks: 'noun' | 'name';
}

const stopwords: Readonly<Record<string, readonly string[]>> = stopwordsIso;

/** Where stopwords-iso and the ISO codes of today disagree. */
const stopwordsOf = (base: string) =>
  stopwords[base === 'nb' || base === 'nn' ? 'no' : base === 'fil' ? 'tl' : base];

/** Spaces in Vietnamese stand between syllables, and ICU has no dictionary for it: there are no words to count. */
const unsegmented: ReadonlySet<string> = new Set(['vi']);

const stemmers: Readonly<Record<string, string>> = {
  ar: 'arabic',
  ca: 'catalan',
  cs: 'czech',
  da: 'danish',
  de: 'german',
  en: 'english',
  es: 'spanish',
  eu: 'basque',
  fi: 'finnish',
  fr: 'french',
  ga: 'irish',
  hu: 'hungarian',
  hy: 'armenian',
  it: 'italian',
  nb: 'norwegian',
  nl: 'dutch',
  nn: 'norwegian',
  no: 'norwegian',
  pt: 'portuguese',
  ro: 'romanian',
  ru: 'russian',
  sl: 'slovene',
  sv: 'swedish',
  tr: 'turkish',
};

/** What is written onto a word with an apostrophe and is none of it. */
const attached: Readonly<Record<string, RegExp>> = {
  ca: /^[dlmnst]'|'(l|ls|n|m|t|s|hi|ho)$/i,
  en: /'s?$/i,
  fr: /^([cdjlmnst]|(jus|lors|puis|quoi)?qu)'/i,
  it: /^(l|un|d|c|s|m|t|v|gl|dell|all|dall|nell|sull|quell|quest|bell|com)'/i,
};

const webAddresses = /\b(https?:\/\/|www\.)\S+/gu;
const handles = /(?<![\p{L}\p{N}])[@#][\p{L}\p{N}_]+/gu;

/** "ana@example.org", with whatever is written onto it. */
function isMailAddress(piece: string): boolean {
  const at = piece.indexOf('@', 1);
  return at > 0 && piece.lastIndexOf('.', piece.length - 2) >= at + 2;
}

/**
 * Addresses, handles and hashtags are no words of a language. Looked for piece by piece: a pattern that looks for "@"
 * from every character on takes the square of a long piece's length.
 */
const withoutAddresses = (text: string): string =>
  text.replace(/\S+/gu, (piece) =>
    isMailAddress(piece) ? ' ' : piece.replace(webAddresses, ' ').replace(handles, ' '),
  );

/** Plain text breaks its lines anywhere; a line that goes on in lower case is no new paragraph. */
const wrappedLine = /\n[ \t]*(?=\p{Ll})/gu;

/** What a word may look like, by the language's script, so that the Latin names in a Russian text are not Russian words. */
function wordPattern(tag: string): RegExp {
  const script = new Intl.Locale(tag).maximize().script ?? 'Latn';
  const letters = lettersOf[script] ?? `\\p{Script=${script}}`;
  const shortest = oneLetterWords.has(script) ? 1 : 2;
  return new RegExp(`^[${letters}\\p{M}'·\\u200C\\u200D\\-]{${shortest},40}$`, 'u');
}

const lettersOf: Readonly<Record<string, string>> = {
  Hans: '\\p{Script=Han}',
  Hant: '\\p{Script=Han}',
  // Words in hiragana alone are mostly particles and endings.
  Jpan: '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}ー',
  Kore: '\\p{Script=Hangul}',
};

const oneLetterWords: ReadonlySet<string> = new Set(['Hans', 'Hant', 'Jpan']);

const hiraganaAlone = /^[\p{Script=Hiragana}ー]+$/u;

/** Null when the rules cannot find the words of this language, or cannot tell the common ones from the others. */
export function rulesLanguage(tag: string): RulesLanguage | null {
  const base = new Intl.Locale(tag).language;
  const common = stopwordsOf(base);
  const canSegment = Intl.Segmenter.supportedLocalesOf(tag).length > 0 && !unsegmented.has(base);
  if (!common || !canSegment) return null;

  const lowerCase = (word: string) => word.toLocaleLowerCase(tag);
  const stops = new Set(common.map((word) => lowerCase(word.normalize('NFC').replaceAll('’', "'"))));
  const bySentence = new Intl.Segmenter(tag, { granularity: 'sentence' });
  const byWord = new Intl.Segmenter(tag, { granularity: 'word' });
  const pattern = wordPattern(tag);
  const extra = attached[base];
  const algorithm = stemmers[base];
  const stemmer = algorithm === undefined ? null : snowball.newStemmer(algorithm);

  return {
    base,
    sentences: (text) =>
      Array.from(bySentence.segment(text.replace(wrappedLine, ' ')), ({ segment }) =>
        segment.replace(/\s+/gu, ' ').trim(),
      ).filter(Boolean),
    words: (sentence) =>
      Array.from(byWord.segment(withoutAddresses(sentence.replaceAll('’', "'"))))
        .filter(({ isWordLike }) => isWordLike)
        .map(({ segment }, place) => ({
          word: extra ? segment.replace(extra, '') : segment,
          startsSentence: place === 0,
        }))
        .filter(({ word }) => pattern.test(word) && !(base === 'ja' && hiraganaAlone.test(word))),
    isStopWord: (word) => stops.has(lowerCase(word)),
    group: (word) => stemmer?.stem(lowerCase(word)) ?? lowerCase(word),
    lowerCase,
    capitalMarks: base === 'de' || base === 'lb' ? 'noun' : 'name',
  };
}
