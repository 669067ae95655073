import { describe, expect, it } from '@jest/globals';
import { type About, groundedWords } from '../../activities/grounding/grounded-words.js';
import { type ChosenWords, chooseWordsPrompt } from '../../activities/prompts/choose-words.js';
import type { Word } from '../../job-types/fields/word.js';

const text = 'La energía solar crece.\n\nLas baterías bajan de precio. Así lo dice «El Faro», un diario.';

type Chosen = ChosenWords['words'][number];

const chosen = (more: Partial<Chosen> = {}): Chosen => ({
  word: 'baterías',
  lemma: 'batería',
  partOfSpeech: 'noun',
  gender: 'feminine',
  translation: 'batteries',
  examples: ['Las baterías bajan de precio.'],
  ...more,
});

const grounded = (words: Chosen[], about: Partial<About> = {}) =>
  groundedWords({ words }, { text, sourceLang: 'es', wordCount: 30, ...about });
const wordsOf = async (words: Chosen[], about = {}): Promise<Word[]> => (await grounded(words, about)).words;

describe('what an answer says of its text', () => {
  it('is kept where it stands there, without a note', async () => {
    expect(await grounded([chosen(), chosen({ word: 'Energía', examples: [] })])).toEqual({
      words: [chosen(), chosen({ word: 'Energía', examples: [] })],
      notes: [],
    });
  });

  it('loses the words that do not, and says which', async () => {
    const invented = ['panel', 'turbina', 'viento', 'panel', 'energ', 'solares'].map((word) =>
      chosen({ word }),
    );
    const { words, notes } = await grounded([...invented, chosen()]);
    expect(words).toEqual([chosen()]);
    expect(notes).toEqual(['Dropped 5 words, not in the text: "panel", "turbina", "viento" and 2 more.']);
  });

  it('loses the examples that are not its own, those of our prompt among them', async () => {
    const { prompt } = chooseWordsPrompt({ text, sourceLang: 'es', targetLang: 'fr', wordCount: 5 });
    const ours = prompt.slice(prompt.lastIndexOf('</text')).split('\n').slice(2);
    const { words, notes } = await grounded([
      chosen({ examples: [...ours, 'Compré baterías.', 'Las baterías bajan de precio.', 'baterías'] }),
    ]);
    expect(words).toEqual([chosen()]);
    expect(notes).toEqual([expect.stringMatching(/^Dropped \d+ examples, not said in the text: /)]);
  });

  it('loses a translation that is the word again', async () => {
    const { words, notes } = await grounded([chosen({ translation: '"Baterías".' })]);
    expect(words).toEqual([chosen({ translation: null as never })]);
    expect(notes).toEqual(['Dropped 1 translation, only the word again: "Baterías".']);
  });

  it.each([
    'La energía solar crece.',
    'La energía solar crece',
    'Las baterías bajan de precio. Así lo dice «El Faro», un diario',
    'Las baterías bajan de precio. Así lo dice «El Faro», un diario. La energía solar crece. '.repeat(3),
  ])('loses a whole sentence given as a word: %s', async (word) => {
    const { words, notes } = await grounded([chosen({ word }), chosen()]);
    expect(words).toEqual([chosen()]);
    expect(notes).toEqual([expect.stringMatching(/^Dropped 1 whole sentence, not a word: "La/)]);
  });

  it.each([
    ['es', 'batería', 'Las baterías bajan de precio.', 'baterías'],
    ['es', 'crecer', 'La energía solar crece.', 'crece'],
    ['es', 'bajar', 'Cuando bajan.', null],
    ['vi', 'batería', 'Las baterías bajan de precio.', null],
  ])(
    'stands in the form of the sentence that is quoted with it (%s: %s)',
    async (sourceLang, word, example, form) => {
      const words = await wordsOf([chosen({ word, examples: [example] })], { sourceLang });
      expect(words.map((one) => one.word)).toEqual(form === null ? [] : [form]);
    },
  );

  it('can be a phrase', async () => {
    const phrases = ['energía solar', 'bajan de precio', 'Así lo dice'];
    const words = await wordsOf(phrases.map((word) => chosen({ word })));
    expect(words.map(({ word }) => word)).toEqual(phrases);
  });

  it('leaves nothing where nothing is there', async () => {
    expect(
      await wordsOf([chosen({ word: 'panel' }), chosen({ word: '2024' }), chosen({ word: '!' })]),
    ).toEqual([]);
  });
});

describe('a word stands in a text', () => {
  it.each([
    ['in other case', 'Las BATERÍAS bajan.', 'baterías'],
    ['with punctuation around it', 'Las baterías bajan.', '«baterías»,'],
    ['behind an apostrophe', 'l’énergie est chère', 'énergie'],
    ['with either apostrophe', 'aujourd’hui', "aujourd'hui"],
    ['across a line break', 'la energía\n   solar crece', 'energía solar'],
    ['composed or not', 'la energi\u0301a crece', 'energía'],
    ['with a soft hyphen in it', 'die Energie\u00ADwende', 'Energiewende'],
    ['in Chinese', '太阳能的价格正在下降', '价格'],
    ['in Japanese, inflected', '太陽光発電が増えています', '増えて'],
    ['in Thai', 'พลังงานแสงอาทิตย์เติบโต', 'แสงอาทิตย์'],
    ['in Korean, with a particle', '태양광 에너지가 성장한다', '에너지'],
    ['in Arabic, with an article', 'والطاقة الشمسية تنمو', 'طاقة'],
    ['in Arabic, vocalised', 'الطاقة تنمو', 'الطَّاقَة'],
    ['in Hebrew, with a preposition', 'באנרגיה סולארית', 'אנרגיה'],
    ['in Russian, with its stress', 'Солнечная энергия растёт', 'эне\u0301ргия'],
    ['in Hindi', 'सौर ऊर्जा बढ़ रही है', 'ऊर्जा'],
    ['in Turkish capitals', 'İSTANBUL BÜYÜYOR', 'istanbul'],
    ['in German capitals', 'AUF DER STRASSE', 'Straße'],
    ['in Greek capitals', 'Ο ΗΛΙΟΣ ΛΑΜΠΕΙ', 'ήλιος'.normalize('NFD').replace(/\u0301/g, '')],
    ['in Latin letters among others', '新しいAI技術', 'AI'],
    ['in letters beyond 16 bits', 'word 𐐨𐐩 word', '𐐨𐐩'],
  ])('%s', async (_, about, word) => {
    expect(await wordsOf([chosen({ word, examples: [] })], { text: about })).toHaveLength(1);
  });

  it.each([
    ['as a part of another', 'Las baterías bajan', 'bater'],
    ['as the end of another', 'la fotovoltaica crece', 'voltaica'],
    ['with another accent', 'él esta aquí', 'está'],
    ['as a part of another in letters beyond 16 bits', 'word 𐐨𐐩 word', '𐐨'],
    ['in Hindi with another vowel', 'सौर ऊर्जा बढ़ रही है', 'ऊर्जे'],
  ])('not %s', async (_, about, word) => {
    expect(await wordsOf([chosen({ word })], { text: about })).toEqual([]);
  });
});

describe('the examples of a text', () => {
  it.each([
    ['in other quotes, cut short and dotted', 'Así lo dice "El Faro"…', true],
    ['over two of its sentences', 'La energía solar crece. Las baterías bajan de precio.', true],
    ['without the last stop', 'Las baterías bajan de precio', true],
    ['with a word left out', 'Las baterías bajan precio.', false],
    ['cut within a word', 'as baterías baj', false],
  ])('%s', async (_, example, kept) => {
    const [word] = await wordsOf([chosen({ examples: [example] })]);
    expect(word?.examples).toEqual(kept ? [example] : []);
  });
});

describe('the answer of a model that obeys an attacker', () => {
  const many = (count: number, name: string) =>
    Array.from({ length: count }, (_, index) => `${name}${index}`);

  it('is cut to the number of words asked for', async () => {
    const words = many(500, 'palabra');
    const all = words.map((word) => chosen({ word }));
    expect(await wordsOf(all, { text: words.join(' ') })).toHaveLength(30);
  });

  it('names no word twice', async () => {
    const words = [chosen(), chosen({ word: 'Baterías' }), chosen({ word: ' baterías\n' })];
    expect(await wordsOf(words)).toHaveLength(1);
  });

  it('loses what is too long to be what was asked for', async () => {
    const long = 'x'.repeat(10_000);
    const words = [
      chosen({ word: long }),
      chosen({ lemma: long, translation: long, gender: long, examples: [long] }),
    ];
    expect(await wordsOf(words, { text: `${text} ${long}` })).toEqual([
      { ...chosen(), lemma: null, translation: null, gender: null, examples: [] },
    ]);
  });

  it('keeps at most five examples, none twice', async () => {
    const examples = ['a b', 'a b', ...many(20, 'example n')];
    const [word] = await wordsOf([chosen({ examples })], { text: `${text} ${examples.join(' ')}` });
    expect(word?.examples).toEqual(['a b', 'example n0', 'example n1', 'example n2', 'example n3']);
  });

  it('loses characters that hide or reorder text, and half characters', async () => {
    const [word] = await wordsOf([
      chosen({ word: 'ba\u202Ete\u0000rí\u200Bas\u{E0041}', translation: 'x\uD800y' }),
    ]);
    expect(word?.word).toBe('baterías');
    expect(word?.translation).toBe('x\uFFFDy');
  });

  it('loses words and fields that are empty', async () => {
    expect(await wordsOf([chosen({ word: ' \u200B ' }), chosen({ translation: '' })])).toEqual([
      { ...chosen(), translation: null },
    ]);
  });

  it('leaves markup as the text it is, for whoever shows it to escape', async () => {
    const [word] = await wordsOf([chosen({ translation: '<img src=x onerror=alert(1)>' })]);
    expect(word?.translation).toBe('<img src=x onerror=alert(1)>');
  });

  it.each(['a', 'a ', '.', '" ', '太', '\u0301'])(
    'takes little time for a text of "%s" alone',
    async (piece) => {
      const about = piece.repeat(60_000 / piece.length);
      const example = `b${piece.repeat(500 / piece.length)}`;
      const words = Array.from({ length: 200 }, () =>
        chosen({ word: 'ab', examples: Array(20).fill(example) }),
      );
      const began = performance.now();
      await wordsOf(words, { text: about });
      expect(performance.now() - began).toBeLessThan(10_000);
    },
  );
});
