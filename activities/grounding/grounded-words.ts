import { setImmediate as otherWork } from 'node:timers/promises';
import { tidyLine } from '../../job-types/fields/plain-text.js';
import { type Word, longestOfWord } from '../../job-types/fields/word.js';
import type { ChosenWords } from '../prompts/choose-words.js';
import { rulesLanguage } from '../providers/rules-language.js';
import { Dropped } from './dropped.js';
import { folded } from './folded.js';
import { type Material, bare, createMaterial } from './material.js';
import { bounded, mostExamples } from './plain-word.js';

export interface GroundedWords {
  words: Word[];
  /** What was dropped, for the person. */
  notes: string[];
}

/** Of those a model gives for a word. More were never asked for, and each has to be looked for. */
const mostCompared = 20;

/** How many words are compared before other work gets its turn; a few milliseconds. */
const wordsAtOnce = 10;

export interface About {
  /** What the answer is about. */
  text: string;
  /** BCP 47. */
  sourceLang: string;
  wordCount: number;
}

/**
 * The words of an answer, which nobody vouches for, as far as they stand in the text. They are without repeats, bounded
 * in number and size, and in plain text. Examples are the text's own.
 */
export async function groundedWords(
  { words: all }: ChosenWords,
  { text, sourceLang, wordCount }: About,
): Promise<GroundedWords> {
  const material = createMaterial(text);
  const dropped = new Dropped();
  const stem = rulesLanguage(sourceLang)?.group ?? folded;
  const seen = new Map<string, Word>();
  for (const [index, one] of all.entries()) {
    if (index % wordsAtOnce === 0) await otherWork();
    const word = groundedWord(one, { material, dropped, stem });
    if (word === null || seen.has(word.toLowerCase())) continue;
    seen.set(word.toLowerCase(), {
      word,
      lemma: bounded(one.lemma, 'lemma'),
      partOfSpeech: bounded(one.partOfSpeech, 'partOfSpeech'),
      gender: bounded(one.gender, 'gender'),
      translation: realTranslation(bounded(one.translation, 'translation'), { word, dropped }),
      examples: groundedExamples(one.examples, { word, material, dropped }),
    });
    if (seen.size === wordCount) break;
  }
  return { words: [...seen.values()], notes: dropped.notes() };
}

interface Grounds {
  material: Material;
  dropped: Dropped;
}

type Stem = (word: string) => string;

/** The word as it stands in the text; null when it does not. */
function groundedWord(
  one: ChosenWords['words'][number],
  { material, dropped, stem }: Grounds & { stem: Stem },
): string | null {
  const said = tidyLine(one.word);
  const word = bare(said);
  if (word === '') return null;
  if (material.isSentence(said)) {
    dropped.add('sentence', said);
    return null;
  }
  if (word.length <= longestOfWord.word && /\p{L}/u.test(word)) {
    const standing = material.hasWord(word) ? word : formIn(one.examples, { word, material, stem });
    if (standing !== null) return standing;
  }
  dropped.add('absent', said);
  return null;
}

const segmenter = new Intl.Segmenter('und', { granularity: 'word' });

/** Models give the dictionary form. The form that stands in the text is in the sentence they quote with it. */
function formIn(
  examples: string[],
  { word, material, stem }: { word: string; material: Material; stem: Stem },
): string | null {
  const sought = stem(word);
  for (const example of examples.slice(0, mostExamples).map(tidyLine)) {
    if (example.length > longestOfWord.example || !material.hasPassage(example)) continue;
    for (const { segment, isWordLike } of segmenter.segment(example))
      if (isWordLike && stem(segment) === sought && material.hasWord(segment)) return segment;
  }
  return null;
}

/** Small models that know no translation say the word again. */
function realTranslation(
  translation: string | null,
  { word, dropped }: { word: string; dropped: Dropped },
): string | null {
  const said = bare(translation ?? '');
  if (folded(said) !== folded(word)) return translation;
  dropped.add('repeated', said);
  return null;
}

function groundedExamples(all: string[], { word, material, dropped }: Grounds & { word: string }): string[] {
  const kept = new Set<string>();
  for (const one of all.slice(0, mostCompared)) {
    const example = tidyLine(one);
    // The word alone shows no use of it.
    if (example === '' || folded(bare(example)) === folded(word)) continue;
    if (example.length <= longestOfWord.example && material.hasPassage(example)) kept.add(example);
    else dropped.add('foreign', example);
    if (kept.size === mostExamples) break;
  }
  return [...kept];
}
