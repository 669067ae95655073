import { describe, expect, it } from '@jest/globals';
import { readArticle, readPlainText } from '../../activities/providers/article/readable.js';
import { decodedOnceMore } from '../../activities/providers/article/twice-encoded.js';

const texts = {
  Spanish:
    'El faro que aprendió a escuchar: cada mañana, antes de que salga el sol, Íñigo subía — despacio — los «cien» peldaños. ¿Qué oía allí? Nadie lo sabía todavía, ni él. “Quizá el mar”, decía.',
  German:
    'Für die Straße über den großen Fluß brauchte man schöne, süße Äpfel und Öl; „Übermäßig“ war das nicht, meinte der Müller, der früher Bäcker gewesen war, und lächelte müde.',
  Russian:
    'Каждое утро, до восхода солнца, Марина поливает помидоры, которые посадил её дед. Потом она идёт на рынок и продаёт их соседям по улице.',
  Chinese:
    '每天早上太阳升起之前，玛丽娜都会给她祖父种下的西红柿浇水。然后她去市场，把它们卖给街坊邻居。'.repeat(2),
  Emoji: `Crème brûlée à l'été, déjà mangée 😀😀 où ça ? Là-bas, près du château où l'on a dîné hier. ${'Encore '.repeat(12)}`,
};

/** What a system makes of UTF-8 that takes it for an encoding of one byte a letter. */
const misread = {
  latin1: (text: string) => Buffer.from(text).toString('latin1'),
  'windows-1252': (text: string) => new TextDecoder('windows-1252').decode(Buffer.from(text)),
};

const cases = Object.entries(texts).flatMap(([language, text]) =>
  Object.entries(misread).map(([how, misreads]) => [language, how, text, misreads(text)] as const),
);

describe('a text whose UTF-8 was taken for something else and encoded again', () => {
  it.each(cases)('(%s, taken for %s) is read as it was meant', (_, __, text, broken) => {
    expect(broken).not.toBe(text);
    expect(decodedOnceMore(broken)).toBe(text);
  });

  it('is told of, in a page and in a plain text, its title included', () => {
    const { Spanish } = texts;
    const broken = misread['windows-1252'](Spanish);
    const html = `<html><head><title>${misread.latin1('El año')}</title></head><body><article><p>${broken}</p><p>${broken}</p></article><p>© Ñandú</p></body></html>`;
    const told = ['The text of the page was encoded twice over.'];
    expect(readArticle(html, 'https://example.org/')).toMatchObject({
      title: 'El año',
      text: expect.stringContaining('cada mañana'),
      notes: told,
    });
    expect(readPlainText(broken)).toMatchObject({ text: Spanish, notes: told });
  });
});

describe('a text that is right', () => {
  it.each([
    ...Object.entries(texts),
    ['of trademarks', 'NESTLÉ® and CAFÉ® and ROSÉ® are names. '.repeat(9)],
    [
      'that tells of such a fault',
      `In latin1, "Ã©" stands for é, "Ã¼" for ü and "Ã±" for ñ. ${texts.German}`,
    ],
    ['of plain letters', 'Every morning before the sun rises she waters the tomatoes. '.repeat(9)],
  ])('(%s) is left as it is', (_, text) => {
    expect(decodedOnceMore(text)).toBeNull();
    expect(readPlainText(text).notes).toBeUndefined();
  });
});
