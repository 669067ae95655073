import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { groundedWords } from '../../activities/grounding/grounded-words.js';
import { EditedWord, type Word } from '../../job-types/fields/word.js';

const word: Word = {
  word: 'baterías',
  lemma: 'batería',
  partOfSpeech: 'noun',
  gender: 'feminine',
  translation: 'batteries',
  examples: ['Las baterías bajan de precio.'],
};

/** The same to a reader, each written in a way of its own. */
const written: Word = {
  word: ' bater\u200Bi\u0301as\n',
  lemma: 'bate\u00ADri\u0301a',
  partOfSpeech: '\u202Enoun',
  gender: ' feminine\t',
  translation: 'batte\u{E0041}ries',
  examples: ['Las  bateri\u0301as\nbajan de precio.', 'Las baterías bajan de precio.', ' '],
};

describe('a word that a person writes', () => {
  it('becomes what a word of a model becomes', async () => {
    const ofModel = await groundedWords(
      { words: [{ ...written, translation: written.translation ?? '' }] },
      { text: word.examples.join(' '), sourceLang: 'es', wordCount: 1 },
    );
    expect(EditedWord.parse(written)).toEqual(word);
    expect(ofModel.words).toEqual([word]);
  });

  it('knows nothing where it says nothing', () => {
    const empty = { lemma: ' ', partOfSpeech: '\u200B', gender: '', translation: '\n' };
    expect(EditedWord.parse({ ...word, ...empty })).toEqual({
      ...word,
      ...{ lemma: null, partOfSpeech: null, gender: null, translation: null },
    });
  });

  it.each(['', ' \u200B', '\u202E'])('is refused when nothing of it is seen: %j', (unseen) => {
    expect(EditedWord.safeParse({ ...word, word: unseen }).success).toBe(false);
  });

  it('is described as it was before it is read', () => {
    const schema = z.toJSONSchema(z.object({ edited: EditedWord }), { io: 'input' });
    expect(schema.$defs?.['EditedWord']?.properties).toMatchObject({
      word: { type: 'string', minLength: 1, maxLength: 100 },
      lemma: { anyOf: [{ type: 'string', maxLength: 100 }, { type: 'null' }] },
    });
  });
});
