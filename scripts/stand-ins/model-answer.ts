import type { Asked } from './model-request.js';
import { sampleOf } from './model-sample.js';

/** An answer that is always the same: words of a text, JSON as it was asked for, or what was said, said again. */
export function answerTo({ prompt, last, schema }: Asked): string {
  const [, text, request = ''] = /<text-[0-9a-f]+>\n([^]*)\n<\/text-[0-9a-f]+>([^]*)$/.exec(prompt) ?? [];
  if (text !== undefined) return wordsOf(text, request);
  return schema === null ? `You said: ${last}` : JSON.stringify(sampleOf(schema));
}

/**
 * A plausible answer to the prompt of choose-words, in its schema: frequent long words of the text, "translated" by
 * naming the language.
 */
function wordsOf(text: string, request: string): string {
  const wanted = Number(/\b(\d+) words?\b/.exec(request)?.[1] ?? 10);
  const language = /Translate into ([^.\n]+)\./.exec(request)?.[1] ?? 'translated';
  const sentences = text.split(/(?<=[.!?。])\s*/u);
  const words = frequentWords(text, wanted).map((word) => ({
    word,
    lemma: word.toLowerCase(),
    partOfSpeech: 'noun',
    gender: null,
    translation: `[${language}] ${word}`,
    examples: sentences.filter((sentence) => sentence.includes(word)).slice(0, 1),
  }));
  return JSON.stringify({ words });
}

function frequentWords(text: string, wanted: number): string[] {
  const counts = new Map<string, number>();
  for (const { segment, isWordLike } of new Intl.Segmenter('und', { granularity: 'word' }).segment(text)) {
    if (isWordLike && /^\p{L}{2,}$/u.test(segment)) counts.set(segment, (counts.get(segment) ?? 0) + 1);
  }
  const rank = ([word, count]: [string, number]): number => count * Math.min(word.length, 8);
  const ranked = [...counts].toSorted((a, b) => rank(b) - rank(a));
  return ranked.slice(0, wanted).map(([word]) => word);
}
