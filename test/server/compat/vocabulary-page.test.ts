import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { saidWords } from '../../harness/said-words.js';
import { whileBusy } from '../../harness/while-busy.js';

interface Task {
  task_id: string;
  type: string;
  status: 'pending' | 'in_progress' | 'completed' | 'failed';
  result: Record<string, unknown> | null;
  error: string | null;
}

interface Entry {
  id: number;
  word: string;
  lemma: string;
  theme: string;
  source: string | null;
}

interface Page {
  items: Entry[];
  total: number;
  page: number;
  page_size: number;
  total_pages: number;
}

let house: House;
let text = '';

/** As the pages of that system ask: a type with every request, and `detail` as the text of an error. */
async function request<T>(path: string, options: { method?: string; body?: unknown } = {}): Promise<T> {
  const sent = {
    headers: { 'Content-Type': 'application/json' },
    ...(options.method ? { method: options.method } : {}),
    ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
  };
  const response = await whileBusy(
    () => fetch(`${house.url}/api${path}`, sent),
    ({ status }) => status,
  );
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error((answer as { detail: string }).detail);
  return answer as T;
}

async function finished(path: string, body: object): Promise<Task> {
  let task = await request<Task>(path, { method: 'POST', body });
  while (['pending', 'in_progress'].includes(task.status)) {
    await pause(100);
    task = await request<Task>(`/tasks/${task.task_id}`);
  }
  return task;
}

const says = (translations: Record<string, string>, relatedTheme: string | null = null) =>
  house.models.next('answer', { text: saidWords(translations, { relatedTheme }) });
const pythonTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

beforeAll(async () => {
  house = await openHouse();
  await house.startWorker();
  says({ 'de lepel': 'the spoon', 'de vork': 'the fork' });
  await finished('/themes', { theme_prompt: 'Koken / "eten"?' });
  text = JSON.stringify(
    await finished('/articles/extract', { url: `${house.web.url}article`, word_count: 3 }),
  );
});
afterAll(() => house.close());

describe('the capture page', () => {
  it('makes words for a theme', async () => {
    says({ fiets: 'bicycle', 'de trein': 'the train' });
    const task = await finished('/themes', {
      theme_prompt: 'Traffic',
      source_lang: 'Dutch',
      target_lang: 'English',
      word_count: 2,
    });
    expect(task).toMatchObject({
      type: 'theme_create',
      status: 'completed',
      error: null,
      result: {
        theme: 'Traffic',
        new_words: 2,
        updated_words: 0,
        is_related_theme: false,
        related_theme_name: null,
      },
    });
  });

  it('is told when the words went to a related theme', async () => {
    says({ 'de tram': 'the tram' }, 'Traffic');
    expect((await finished('/themes', { theme_prompt: 'On the road' })).result).toEqual({
      theme: 'Traffic',
      new_words: 1,
      updated_words: 0,
      is_related_theme: true,
      related_theme_name: 'Traffic',
    });
  });

  it('translates words that a person has typed', async () => {
    says({ huis: 'house', boom: 'tree' });
    const task = await finished('/manual/translate', { words: ['huis', ' boom ', '', 'weg'], theme: 'Mine' });
    expect(task).toMatchObject({
      type: 'manual_entry',
      status: 'completed',
      result: { theme: 'Mine', new_words: 2, updated_words: 0, missing_words: ['weg'] },
    });
  });

  it('shows a lemma for every word of an article', () => {
    const { result } = JSON.parse(text) as { result: { words: { word: string; lemma: string }[] } };
    expect(result.words).toHaveLength(3);
    for (const { lemma } of result.words) expect(lemma).toMatch(/\p{L}/u);
  });

  it.each<[string, object, string]>([
    ['/themes', { theme_prompt: '   ' }, 'The theme cannot be used: '],
    ['/themes', { theme_prompt: 'x'.repeat(201) }, 'The theme cannot be used: '],
    [
      '/themes',
      { theme_prompt: 'Any', target_lang: 'Elvish' },
      'The target language cannot be used: "Elvish"',
    ],
    ['/manual/translate', { words: ['  '], theme: 'Mine' }, 'The words cannot be used: '],
    [
      '/manual/translate',
      { words: ['a', 'b'.repeat(101)], theme: 'Mine' },
      'The words (number 2) cannot be used',
    ],
    ['/manual/translate', { words: ['a'], theme: '' }, 'The theme cannot be used: '],
  ])('shows why %s can do nothing with %j', async (path, body, error) => {
    const task = await finished(path, body);
    expect(task).toMatchObject({ status: 'failed', result: null });
    expect(task.error).toContain(error);
    expect(task.error).toMatch(/\.$/);
  });

  it.each<[string, object, (string | number)[]]>([
    ['/themes', {}, ['body', 'theme_prompt']],
    ['/themes', { theme_prompt: '' }, ['body', 'theme_prompt']],
    ['/themes', { theme_prompt: 'Any', word_count: 0 }, ['body', 'word_count']],
    ['/manual/translate', { theme: 'Mine' }, ['body', 'words']],
    ['/manual/translate', { words: [], theme: 'Mine' }, ['body', 'words']],
    ['/manual/translate', { words: [7], theme: 'Mine' }, ['body', 'words', 0]],
    ['/manual/translate', { words: ['a'] }, ['body', 'theme']],
  ])('is told by %s that %j has another form', async (path, body, loc) => {
    const answer = await fetch(`${house.url}/api${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(422);
    expect(await answer.json()).toMatchObject({ detail: [{ loc }] });
  });
});

describe('the browse page', () => {
  it('lists the words in pages, newest first, with what a card shows', async () => {
    const all = await request<Page>('/vocabulary');
    expect(all).toMatchObject({ page: 1, page_size: 50, total_pages: 1, total: all.items.length });
    const ids = all.items.map(({ id }) => id);
    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(all.items.at(-1)).toEqual({
      id: expect.any(Number),
      word: expect.stringMatching(/^de (lepel|vork)$/),
      lemma: expect.stringMatching(/^de (lepel|vork)$/),
      pos: 'noun',
      gender: null,
      translation: expect.stringMatching(/^the (spoon|fork)$/),
      source_lang: 'Dutch',
      target_lang: 'English',
      examples: [],
      source: null,
      theme: 'Koken / "eten"?',
      added_at: expect.stringMatching(pythonTime),
    });
    const pages = await Promise.all(
      [1, 2, 3].map((page) => request<Page>(`/vocabulary?page=${page}&page_size=2`)),
    );
    expect(pages.flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids.slice(0, 6));
    expect(pages[1]).toMatchObject({ page: 2, page_size: 2, total_pages: Math.ceil(ids.length / 2) });
    expect((await request<Page>('/vocabulary?page=999')).items).toEqual([]);
  });

  it('shows the words of one theme', async () => {
    const articles = await request<Page>('/vocabulary?theme=el_pais');
    expect(articles.total).toBe(3);
    for (const { source } of articles.items) expect(source).toBe(`${house.web.url}article`);
    expect(await request<Page>('/vocabulary?theme=nothing')).toMatchObject({ total: 0, total_pages: 0 });
    expect((await request<Page>('/vocabulary?theme=')).total).toBe(
      (await request<Page>('/vocabulary')).total,
    );
  });

  it('counts the words', async () => {
    const { total } = await request<Page>('/vocabulary');
    interface Stats {
      total_words: number;
      by_pos: Record<string, number>;
      by_theme: Record<string, number>;
    }
    const all = await request<Stats>('/vocabulary/stats');
    expect(all.total_words).toBe(total);
    expect(all.by_theme).toMatchObject({ el_pais: 3, 'Koken / "eten"?': 2 });
    expect(Object.values(all.by_theme).reduce((sum, words) => sum + words, 0)).toBe(total);
    const one = await request<Stats>(`/vocabulary/stats?theme=${encodeURIComponent('Koken / "eten"?')}`);
    expect(one).toEqual({ total_words: 2, by_pos: { noun: 2 }, by_theme: all.by_theme });
  });

  it('lists the themes without that of articles, and one with its words', async () => {
    interface Theme {
      theme: string;
      word_count: number;
    }
    const themes = await request<Theme[]>('/themes');
    expect(themes.map(({ theme }) => theme)).not.toContain('el_pais');
    const mine = themes.find(({ theme }) => theme === 'Koken / "eten"?');
    expect(mine).toEqual({
      theme: 'Koken / "eten"?',
      source_lang: 'Dutch',
      target_lang: 'English',
      created_at: expect.stringMatching(pythonTime),
      word_count: 2,
    });
    const whole = await request<{ theme: Theme; words: Entry[] }>(
      `/themes/${encodeURIComponent('Koken / "eten"?')}`,
    );
    expect(whole.theme).toEqual(mine);
    expect(whole.words.map(({ word }) => word).toSorted()).toEqual(['de lepel', 'de vork']);
    await expect(request('/themes/nothing')).rejects.toThrow('Theme not found');
    await expect(request('/themes/%00')).rejects.toThrow('Theme not found');
  });

  it('deletes a word, once', async () => {
    says({ weg: 'away' });
    await finished('/manual/translate', { words: ['weg'], theme: 'Short' });
    const [word] = (await request<Page>('/vocabulary?theme=Short')).items;
    expect(await request<Entry>(`/vocabulary/${word?.id}`)).toEqual(word);
    const deleted = await request<{ message: string }>(`/vocabulary/${word?.id}`, { method: 'DELETE' });
    expect(deleted.message).toContain('weg');
    for (const method of ['GET', 'DELETE']) {
      await expect(request(`/vocabulary/${word?.id}`, { method })).rejects.toThrow('Word not found');
    }
    expect((await request<{ theme: string }[]>('/themes')).map(({ theme }) => theme)).not.toContain('Short');
  });

  it('learns that there is nothing to sync to', async () => {
    expect(await request('/sync/status')).toEqual({
      connected: false,
      message: expect.stringMatching(/^[A-Z].*\.$/),
    });
  });

  it.each(['page=0', 'page=x', 'page_size=101', 'page_size='])(
    'is told what is wrong with ?%s',
    async (query) => {
      const answer = await fetch(`${house.url}/api/vocabulary?${query}`);
      expect(answer.status).toBe(422);
      const { detail } = (await answer.json()) as { detail: { loc: string[] }[] };
      expect(detail.map(({ loc }) => loc)).toEqual([['query', query.split('=')[0]]]);
    },
  );
});

failOnLeftovers();
