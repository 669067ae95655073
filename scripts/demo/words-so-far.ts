/** A word whose translation has been said, whatever else of it is still to come. */
export interface SaidWord {
  word: string;
  translation: string | null;
}

const text = String.raw`"(?:[^"\\]|\\.)*"`;
const said = new RegExp(String.raw`"word"\s*:\s*(${text})[^{}]*?"translation"\s*:\s*(${text}|null)`, 'g');

/** The words in what a model has said so far of its JSON. */
export const wordsSoFar = (output: string): SaidWord[] =>
  [...output.matchAll(said)].map(([, word = '""', translation = 'null']) => ({
    word: JSON.parse(word) as string,
    translation: JSON.parse(translation) as string | null,
  }));
