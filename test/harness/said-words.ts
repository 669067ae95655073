/** What a model says of words: each with its translation. @param more other fields of the answer */
export const saidWords = (translations: Readonly<Record<string, string>>, more: object = {}): string =>
  JSON.stringify({
    ...more,
    words: Object.entries(translations).map(([word, translation]) => ({
      word,
      lemma: null,
      partOfSpeech: 'noun',
      gender: null,
      translation,
      examples: [],
    })),
  });
