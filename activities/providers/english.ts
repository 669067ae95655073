import { setImmediate as otherWork } from 'node:timers/promises';

export interface EnglishGrammar {
  lemma: string | null;
  partOfSpeech: string | null;
}

/** compromise's tags, the more certain ones first, and what people call them. */
const partsOfSpeech: readonly [string, string][] = [
  ['Adverb', 'adverb'],
  ['Adjective', 'adjective'],
  ['Verb', 'verb'],
  ['Noun', 'noun'],
];

/** Marks of a form that is not in the dictionary. */
const inflections: ReadonlySet<string> = new Set([
  'Plural',
  'PresentTense',
  'PastTense',
  'Gerund',
  'Participle',
  'Comparative',
  'Superlative',
]);

interface Term {
  normal?: string;
  root?: string;
  tags?: string[];
}

const wanted = { terms: { normal: true, root: true, tags: true } };

/** Half a second to load, which only English texts without a model should pay. */
export const loadEnglish = async () => (await import('compromise/two')).default;

/** What compromise makes of each word in an example; words without one are not guessed at. */
export async function readEnglish(
  words: readonly { word: string; examples: readonly string[] }[],
  signal: AbortSignal,
): Promise<Map<string, EnglishGrammar>> {
  const nlp = await loadEnglish();
  const grammar = new Map<string, EnglishGrammar>();
  for (const { word, examples } of words) {
    const sentence = examples.find((example) => example.toLowerCase().includes(word.toLowerCase()));
    if (sentence === undefined) continue;
    // A sentence takes about a millisecond, and a job may want a thousand words.
    await otherWork();
    signal.throwIfAborted();
    const read = nlp(sentence).compute('root').json(wanted) as { terms?: Term[] }[];
    const term = findTerm(read, word);
    if (term) grammar.set(word, term);
  }
  return grammar;
}

function findTerm(sentences: { terms?: Term[] }[], word: string): EnglishGrammar | null {
  const normal = word.toLowerCase();
  const term = sentences.flatMap(({ terms = [] }) => terms).find((one) => one.normal === normal);
  if (!term) return null;
  const tags = term.tags ?? [];
  const partOfSpeech = partsOfSpeech.find(([tag]) => tags.includes(tag))?.[1] ?? null;
  const isBase =
    partOfSpeech === 'adverb' || tags.includes('Infinitive') || !tags.some((tag) => inflections.has(tag));
  return { lemma: isBase ? normal : (term.root ?? null), partOfSpeech };
}
