import { describe, expect, it } from '@jest/globals';
import type { Word } from '../../job-types/fields/word.js';
import { chooseWordsByRules } from '../../activities/providers/rules.js';

const choose = (sourceLang: string, text: string, wordCount = 10): Promise<Word[]> =>
  chooseWordsByRules({ text, sourceLang, wordCount, signal: new AbortController().signal });

const namesOf = (words: Word[]): string[] => words.map(({ word }) => word);

const texts = {
  es: `La energía solar crece en España. «Las ciudades necesitan baterías», explica Carmen López. El coste de las
    baterías ha bajado un 40 %. Una batería dura diez años, según www.example.org y https://example.org/articulo.`,
  fr: `Les chercheurs expliquent l’énergie solaire. D'énergie, la chercheuse en parle beaucoup à Marie Curie. On dit que
    les panneaux et l'énergie progressent.`,
  de: `Die Forscher haben neue Batterien entwickelt. Eine Batterie speichert die Energie der Sonne. Dass viele Batterien
    billiger werden, erklärt das Zentrum.`,
  ja: '研究者たちは新しい太陽電池を開発しました。太陽電池はエネルギーを蓄えることができます。',
  ru: 'Учёные разработали новые батареи. В Москве батарея хранит энергию. Компания Google говорит, что батарей мало.',
  en: `Researchers were running better experiments on mice. The mice learned quickly in London. Storage of energy
    matters, and the company's storage grew. It's said that mice in London like storage.`,
};

describe('words chosen by rules', () => {
  const table: [keyof typeof texts, expected: string[], unexpected: string[]][] = [
    [
      'es',
      ['baterías', 'ciudades', 'energía'],
      ['la', 'España', 'López', '40', 'www', 'https', 'articulo', 'batería'],
    ],
    ['fr', ['énergie', 'panneaux', 'solaire'], ["l'énergie", "D'énergie", 'Marie', 'les']],
    ['de', ['Batterien', 'speichert', 'Energie'], ['Batterie', 'die', 'haben']],
    ['ja', ['太陽電池', 'エネルギー', '開発'], ['は', 'ました', 'こと']],
    ['ru', ['батареи', 'энергию', 'учёные'], ['В', 'Москве', 'москве', 'Google']],
    ['en', ['storage', 'mice', 'experiments'], ['London', 'the', "It's", "company's", 'Researchers']],
  ];

  it.each(table)('are the frequent ones of the text (%s)', async (language, expected, unexpected) => {
    const words = namesOf(await choose(language, texts[language], 50));
    expect(words).toEqual(expect.arrayContaining(expected));
    for (const word of unexpected) expect(words).not.toContain(word);
    expect(words[0]).toBe(expected[0]);
  });

  it('are at most as many as asked for, and the same every time', async () => {
    const words = await choose('es', texts.es, 3);
    expect(words).toHaveLength(3);
    expect(await choose('es', texts.es, 3)).toEqual(words);
  });

  it('claim nothing that the text does not say', async () => {
    for (const word of await choose('es', texts.es)) {
      expect(word).toMatchObject({ lemma: null, partOfSpeech: null, gender: null, translation: null });
    }
  });

  it('come with sentences of the text that use them', async () => {
    const [word] = await choose('es', texts.es);
    expect(word?.examples).toEqual([
      '«Las ciudades necesitan baterías», explica Carmen López.',
      'El coste de las baterías ha bajado un 40 %.',
    ]);
  });

  it('carry grammar in English, where it can be read off a sentence', async () => {
    const words = await choose('en', texts.en, 50);
    const grammarOf = (name: string) => {
      const found = words.find(({ word }) => word === name);
      return [found?.lemma, found?.partOfSpeech];
    };
    expect(grammarOf('mice')).toEqual(['mouse', 'noun']);
    expect(grammarOf('running')).toEqual(['run', 'verb']);
    expect(grammarOf('learned')).toEqual(['learn', 'verb']);
  });

  it('are nouns in German when they always have a capital', async () => {
    const words = await choose('de', texts.de);
    expect(words.find(({ word }) => word === 'Batterien')?.partOfSpeech).toBe('noun');
    expect(words.find(({ word }) => word === 'speichert')?.partOfSpeech).toBeNull();
  });

  it('work for a regional variant', async () => {
    expect(namesOf(await choose('es-MX', texts.es))).toContain('baterías');
  });

  it.each([
    ['sr', 'Serbian', 'it has no stop words for'],
    ['la', 'Latin', 'the runtime cannot segment'],
    ['vi', 'Vietnamese', 'that has no spaces between words'],
  ])('are refused for a language (%s, %s) %s', async (language, name) => {
    await expect(choose(language, 'Lorem ipsum')).rejects.toMatchObject({
      code: 'language-not-supported',
      message: expect.stringContaining(name),
    });
  });

  it('are refused when the text is plainly in another language', async () => {
    await expect(choose('ru', texts.es)).rejects.toMatchObject({ code: 'no-words' });
  });

  it('stop when the step is aborted', async () => {
    const reason = new Error('cancelled');
    const asking = chooseWordsByRules({
      text: 'Las baterías duran diez años. '.repeat(500),
      sourceLang: 'es',
      wordCount: 10,
      signal: AbortSignal.abort(reason),
    });
    await expect(asking).rejects.toBe(reason);
  });
});
