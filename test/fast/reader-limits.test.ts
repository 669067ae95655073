import { afterAll, describe, expect, it } from '@jest/globals';
import { createArticleReader } from '../../activities/providers/article/article-reader.js';
import { StepFailure } from '../../activities/frame/step-failure.js';
import { failureOf } from '../harness/failure-of.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const megabytes = 5_000_000;
const reader = createArticleReader();
afterAll(() => reader.close());
const { signal } = new AbortController();
const filled = (piece: string, size = megabytes): string => piece.repeat(Math.floor(size / piece.length));

/** How long nothing else in this thread had its turn, at most, in milliseconds of this thread's own processor time. */
async function longestPause(work: () => Promise<unknown>): Promise<number> {
  let before = process.threadCpuUsage();
  let longest = 0;
  const look = (): void => {
    const { user, system } = process.threadCpuUsage(before);
    longest = Math.max(longest, (user + system) / 1000);
    before = process.threadCpuUsage();
  };
  const turns = setInterval(look, 10);
  await work();
  clearInterval(turns);
  look();
  return longest;
}

/** An article, or a failure with a code: whatever a text does, it comes to one of them. */
const settled = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'read',
    (error: unknown) => {
      if (error instanceof StepFailure) return error.code;
      throw error;
    },
  );

describe('5 MB of a text made to stop a worker', () => {
  it.each<[what: string, piece: string]>([
    ['"@"', '@'],
    ['Han characters', '漢'],
    ['combining marks', '\u0301\u0323'],
    ['spaces', ' '],
    ['lines', ' \n'],
    ['joiners', '\u200d'],
  ])('(%s) is read or refused, and others go on meanwhile', async (_, piece) => {
    const outcomes: string[] = [];
    const pause = await longestPause(async () => {
      outcomes.push(await settled(reader.readPlainText(`Hola ${filled(piece)}`, { signal })));
      outcomes.push(
        await settled(
          reader.readArticle(`<p>Hola ${filled(piece)}`.slice(0, megabytes), 'https://example.org/', {
            signal,
          }),
        ),
      );
      const words = { text: filled(piece, 60_000), sourceLang: 'en', wordCount: 5, signal };
      outcomes.push(await settled(reader.chooseWords(words)));
    });
    for (const outcome of outcomes)
      expect(['read', 'no-article', 'no-words', 'page-too-large']).toContain(outcome);
    expect(pause).toBeLessThan(1500);
  });

  it.each<[what: string, piece: string]>([
    ['styles', '<p style=" ; ">'],
    ['style sheets', '<style>.a{display:none}</style>'],
    ['unclosed fonts', '<font color=a><p>'],
    ['data', '<script type="application/ld+json">[[[['],
    ['hidden paragraphs', '<p hidden>Uno dos tres</p>'],
    ['tables', '<table><td>'],
  ])('(%s) as a page is read or refused, and others go on meanwhile', async (_, piece) => {
    let outcome = '';
    const pause = await longestPause(async () => {
      const page = reader.readArticle(filled(piece), 'https://example.org/', { signal });
      outcome = await settled(page);
    });
    expect(['read', 'no-article', 'page-too-large']).toContain(outcome);
    expect(pause).toBeLessThan(1500);
  });
});

describe('the limit of processor time', () => {
  const text = filled('Algunas palabras de este texto largo se repiten otra vez aquí. ', 60_000);
  const words = { text, sourceLang: 'es', wordCount: 5, signal };

  it('ends choosing words, and the next text is read', async () => {
    const hasty = createArticleReader({ wordsLimitMs: 1 });
    try {
      expect(await failureOf(hasty.chooseWords(words))).toMatchObject({
        code: 'page-too-large',
        message: expect.stringContaining('0.001 s of processor time'),
      });
      expect(await hasty.readPlainText('Hola', { signal })).toMatchObject({ text: 'Hola' });
    } finally {
      await hasty.close();
    }
  });

  it('does not count what the thread loads', async () => {
    const fresh = createArticleReader({ wordsLimitMs: 2_000 });
    try {
      const english = {
        ...words,
        text: 'The mice learned quickly. Storage matters to mice.',
        sourceLang: 'en',
      };
      expect(await fresh.chooseWords(english)).not.toEqual([]);
    } finally {
      await fresh.close();
    }
  });

  it('is left at once by who is cancelled', async () => {
    const caller = new AbortController();
    const asked = reader.chooseWords({ ...words, signal: caller.signal }).catch((error: unknown) => error);
    caller.abort(new Error('cancelled'));
    expect(await asked).toHaveProperty('message', 'cancelled');
    expect(await reader.readPlainText('Hola', { signal })).toMatchObject({ text: 'Hola' });
  });
});

failOnLeftovers();
