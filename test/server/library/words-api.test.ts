import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Word } from '../../../job-types/fields/word.js';
import { type SavedWord, upsertWords } from '../../../store/words.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import { whileBusy } from '../../harness/while-busy.js';

interface Page {
  items: SavedWord[];
  nextPageToken: string | null;
}

let house: House;

beforeAll(async () => {
  house = await openHouse();
  await save({ sourceLang: 'es', targetLang: 'fr' }, [
    'casa',
    'árbol',
    'niño',
    '100%',
    'snake_case',
    'back\\slash',
  ]);
  await save({ sourceLang: 'es', targetLang: 'de' }, ['casa', 'mesa']);
  await save({ sourceLang: 'pt-BR', targetLang: 'fr' }, ['saudade']);
  await save({ sourceLang: 'es', targetLang: 'fr', owner: 'someone-else' }, ['secreto', 'casa']);
});
afterAll(() => house.close());

const word = (text: string): Word => ({
  word: text,
  lemma: `${text}-lemma`,
  partOfSpeech: 'noun',
  gender: null,
  translation: `tr:${text}`,
  examples: [`Una ${text}.`],
});

const save = (
  {
    owner = 'local',
    theme = 'el_pais',
    ...languages
  }: { sourceLang: string; targetLang: string; theme?: string; owner?: string },
  words: string[],
) =>
  house.db.transaction().execute((trx) =>
    upsertWords(trx, {
      owner,
      theme,
      jobId: 'job_1',
      sourceUrl: 'https://example.org/',
      ...languages,
      words: words.map(word),
    }),
  );

const ask = (method: 'GET' | 'DELETE', url: string) =>
  whileBusy(
    () => house.api.inject({ method, url }),
    ({ statusCode }) => statusCode,
  );

const get = (query: Record<string, string> | string = '') =>
  ask('GET', `/v1/words?${new URLSearchParams(query).toString()}`);

const list = async (query: Record<string, string> | string = ''): Promise<Page> => {
  const answer = await get(query);
  expect(answer.statusCode).toBe(200);
  return answer.json<Page>();
};

const wordsFor = async (query: Record<string, string>): Promise<string[]> =>
  (await list(query)).items.map((item) => item.word).toSorted();

describe('GET /v1/words', () => {
  it('lists the words of the caller, newest first, and nobody else’s', async () => {
    const { items, nextPageToken } = await list();
    expect(items).toHaveLength(9);
    expect(nextPageToken).toBeNull();
    expect(items[0]).toMatchObject({
      word: 'saudade',
      sourceLang: 'pt-BR',
      targetLang: 'fr',
      jobId: 'job_1',
    });
    expect(items.map((item) => item.word)).not.toContain('secreto');
  });

  it('filters by language, written as a tag or a name', async () => {
    expect(await wordsFor({ targetLang: 'de' })).toEqual(['casa', 'mesa']);
    expect(await wordsFor({ sourceLang: 'Spanish', targetLang: 'german' })).toEqual(['casa', 'mesa']);
    expect(await wordsFor({ sourceLang: 'pt_br' })).toEqual(['saudade']);
    expect(await wordsFor({ sourceLang: 'sv' })).toEqual([]);
  });

  it.each([
    ['casa', ['casa', 'casa']],
    ['ASA', ['casa', 'casa']],
    ['ÁRBOL', ['árbol']],
    ['Ñ', ['niño']],
    ['mesa-lemma', ['mesa']],
    ['tr:mesa', ['mesa']],
    ['%', ['100%']],
    ['_', ['snake_case']],
    ['\\', ['back\\slash']],
    ['0%', ['100%']],
    ["'; DROP TABLE words; --", []],
    ['secreto', []],
  ])('searches word, lemma and translation for %j, taken literally', async (search, words) => {
    expect(await wordsFor({ search })).toEqual(words);
  });

  it.each(['1', '2', '4', '9', '200'])(
    'gives the same list in pages of %s, each word once',
    async (pageSize) => {
      const whole = (await list()).items.map(({ id }) => id);
      const ids: string[] = [];
      let token: string | null = '';
      while (token !== null && ids.length <= whole.length) {
        const page: Page = await list({ pageSize, ...(token ? { pageToken: token } : {}) });
        ids.push(...page.items.map(({ id }) => id));
        token = page.nextPageToken;
      }
      expect(ids).toEqual(whole);
    },
  );

  it('keeps its place while words are added', async () => {
    const first = await list({ pageSize: '3' });
    await save({ sourceLang: 'sv', targetLang: 'fr' }, ['bok', 'hus']);
    const second = await list({ pageSize: '3', pageToken: first.nextPageToken ?? '' });
    const seen = [...first.items, ...second.items].map((item) => item.word);
    expect(seen).not.toContain('bok');
    expect(new Set([...first.items, ...second.items].map(({ id }) => id)).size).toBe(6);
    expect(await wordsFor({ sourceLang: 'Swedish' })).toEqual(['bok', 'hus']);
  });

  it.each<[Record<string, string> | string, string]>([
    [{ sourceLang: 'Klingonese' }, '/sourceLang'],
    [{ targetLang: '' }, '/targetLang'],
    [{ search: '' }, '/search'],
    [{ search: 'ab'.repeat(51) }, '/search'],
    [{ pageSize: '0' }, '/pageSize'],
    [{ pageSize: '201' }, '/pageSize'],
    [{ pageSize: 'many' }, '/pageSize'],
    [{ pageToken: 'bad' }, '/pageToken'],
    [{ pageToken: '-1' }, '/pageToken'],
    [{ pageToken: '9'.repeat(30) }, '/pageToken'],
    [{ language: 'es' }, '/language'],
    ['search=a&search=b', '/search'],
  ])('refuses %j', async (query, pointer) => {
    const problem = problemIn(await get(query));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual([pointer]);
  });

  it('answers a search for a character that the database cannot store', async () => {
    expect([200, 422]).toContain((await get({ search: 'a\u0000' })).statusCode);
  });
});

describe('words under themes', () => {
  interface Counted extends Page {
    counts: { total: number; byPartOfSpeech: object[]; byTheme: object[] } | null;
  }
  const counted = async (query: Record<string, string>) => (await get(query)).json<Counted>();
  const fi = { sourceLang: 'fi', targetLang: 'et' };

  beforeAll(async () => {
    await save({ ...fi, theme: 'Koti' }, ['talo', 'ovi']);
    await save({ ...fi, theme: 'Luonto' }, ['talo']);
    await save({ ...fi, theme: 'Koti', owner: 'someone-else' }, ['katto']);
  });

  it('are found by theme and part of speech', async () => {
    expect(await wordsFor({ theme: 'Koti' })).toEqual(['ovi', 'talo']);
    expect(await wordsFor({ ...fi, partOfSpeech: 'noun' })).toEqual(['ovi', 'talo', 'talo']);
    expect(await wordsFor({ ...fi, partOfSpeech: 'verb' })).toEqual([]);
    expect(await wordsFor({ theme: 'koti' })).toEqual([]);
  });

  it('are counted over all pages where that is asked for', async () => {
    expect((await counted(fi)).counts).toBeNull();
    const page = await counted({ ...fi, counts: 'true', pageSize: '1' });
    expect(page.items).toHaveLength(1);
    expect(page.counts).toEqual({
      total: 3,
      byPartOfSpeech: [{ partOfSpeech: 'noun', words: 3 }],
      byTheme: [
        { theme: 'Koti', words: 2 },
        { theme: 'Luonto', words: 1 },
      ],
    });
    const none = await counted({ sourceLang: 'sv', targetLang: 'et', counts: 'true' });
    expect(none.counts).toEqual({ total: 0, byPartOfSpeech: [], byTheme: [] });
  });

  it('are read and deleted one by one, and only by whose they are', async () => {
    const [first] = (await list({ theme: 'Luonto' })).items;
    const at = `/v1/words/${first?.id}`;
    expect(await house.ask('GET', at)).toMatchObject({ status: 200, body: first });
    const deleted = await ask('DELETE', at);
    expect([deleted.statusCode, deleted.json()]).toEqual([200, first]);
    expect(await house.ask('GET', at)).toMatchObject({ status: 404, body: { code: 'not-found' } });
    expect(problemIn(await ask('DELETE', at))).toMatchObject({ status: 404 });
    expect(await wordsFor(fi)).toEqual(['ovi', 'talo']);

    const theirs = await house.db
      .selectFrom('words')
      .select('id')
      .where('word', '=', 'katto')
      .executeTakeFirstOrThrow();
    const refused = await ask('DELETE', `/v1/words/${theirs.id}`);
    expect(refused.statusCode).toBe(404);
    const left = house.db.selectFrom('words').select('id').where('id', '=', theirs.id);
    expect(await left.executeTakeFirst()).toEqual(theirs);
  });

  it.each(['0', '-1', 'abc', '9'.repeat(30), '1.5', '%00'])('are not found under %s', async (id) => {
    expect(await house.ask('GET', `/v1/words/${id}`)).toMatchObject({ status: 404 });
  });
});

describe('what a job saves', () => {
  it('is listed once, under tags, and completed by a second job', async () => {
    await house.startWorker();
    const texts = { sourceLang: 'Spanish', targetLang: 'Italian', wordCount: 5 };
    const end = async () => {
      const { id } = await house.submit(texts);
      return house.jobWhen(id, 'the job is done', ({ done }) => done);
    };
    const first = await end();
    expect(first.result).toMatchObject({ newWords: 5, updatedWords: 0 });
    const saved = await list({ sourceLang: 'es', targetLang: 'it' });
    expect(saved.items).toHaveLength(5);
    for (const item of saved.items) {
      expect(item).toMatchObject({
        sourceLang: 'es',
        targetLang: 'it',
        jobId: first.id,
        theme: 'el_pais',
        sourceUrl: `${house.web.url}article`,
      });
      expect(item.examples.length).toBeLessThanOrEqual(5);
    }
    const second = await end();
    expect(second.result).toMatchObject({ newWords: 0, updatedWords: 5 });
    const after = await list({ sourceLang: 'es', targetLang: 'it' });
    expect(after.items.map(({ id, jobId }) => [id, jobId])).toEqual(
      saved.items.map(({ id, jobId }) => [id, jobId]),
    );
  });
});

failOnLeftovers();
