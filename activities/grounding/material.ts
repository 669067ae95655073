import { folded } from './folded.js';

/** A text that an answer is about. Whatever an answer says stands there is compared with it. */
export interface Material {
  /** Whether the word or phrase stands in it, in the form in which it is given. */
  hasWord(word: string): boolean;
  /** Whether it says this, word for word. What stands around it (quotes, dots, a last full stop) may differ. */
  hasPassage(passage: string): boolean;
  /** Whether this is a whole sentence, by itself or as one of the text. */
  isSentence(text: string): boolean;
}

/**
 * A letter of a script that puts space between words. Others write words together, or particles onto them: there a
 * word may begin and end anywhere.
 */
const spacedLetter =
  /^(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Bopomofo}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}\p{sc=Arabic}\p{sc=Hebrew}])[\p{L}\p{M}\p{N}]$/u;

const isSpaced = (character: string | undefined): boolean =>
  character !== undefined && spacedLetter.test(character);

const around = /^[^\p{L}\p{N}]+|(?<=[\p{L}\p{M}\p{N}])[^\p{L}\p{M}\p{N}]+$/gu;

/** Without what is no letter or number at either end. */
export const bare = (text: string): string => text.replace(around, '');

/** The longest idioms have six words. */
const longestPhrase = 6;
/** Words from which on a full stop means the end of a sentence: "etc." and "EE. UU." have one too. */
const shortestSentence = 3;

const ends = /[.!?。！？؟।]/u;
const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Characters in which more words than a phrase has are found, if there are any. */
const enough = 400;

const wordsIn = (text: string): number =>
  Array.from(segmenter.segment(text.slice(0, enough))).filter(({ isWordLike }) => isWordLike).length;

export function createMaterial(whole: string): Material {
  const text = folded(whole);

  /** Where it stands between the ends of words, from a place on; -1 when nowhere. */
  function find(sought: string, from: number): number {
    const first = Array.from(sought.slice(0, 2))[0];
    const last = Array.from(sought.slice(-2)).at(-1);
    for (let at = text.indexOf(sought, from); at >= 0; at = text.indexOf(sought, at + 1)) {
      const before = Array.from(text.slice(Math.max(0, at - 2), at)).at(-1);
      const [after] = Array.from(text.slice(at + sought.length, at + sought.length + 2));
      if (!(isSpaced(first) && isSpaced(before)) && !(isSpaced(last) && isSpaced(after))) return at;
    }
    return -1;
  }

  const stands = (sought: string): boolean => sought !== '' && find(sought, 0) >= 0;

  /** Whether a sentence of the text begins and ends where this does, the first time it stands there. */
  function fillsSentence(sought: string): boolean {
    const at = sought === '' ? -1 : find(sought, 0);
    if (at < 0) return false;
    const before = text.slice(Math.max(0, at - 4), at).replace(/[^\p{L}\p{N}.!?。！？؟।]/gu, '');
    const after = text[at + sought.length];
    const begins = at === 0 || ends.test(before.slice(-1));
    return begins && (after === undefined || ends.test(after));
  }

  return {
    hasWord: (word) => stands(folded(bare(word))),
    hasPassage: (passage) => stands(bare(folded(passage))),
    isSentence(given) {
      const count = wordsIn(given);
      if (count > longestPhrase) return true;
      if (count < shortestSentence) return false;
      return ends.test(given.trimEnd().slice(-2)) || fillsSentence(folded(bare(given)));
    },
  };
}
