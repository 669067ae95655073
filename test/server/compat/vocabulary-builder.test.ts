import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApiProcess } from '../../harness/api-process.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';
import type { WorkerProcess } from '../../harness/worker-process.js';
import { articlePage } from '../../stand-ins/web-server.js';

/** What the tutorial of that system shows: a task, of which an answer holds more or less as it goes on. */
interface TaskStatus {
  task_id: string;
  type?: string;
  status: 'pending' | 'in_progress' | 'completed' | 'failed';
  progress?: string | null;
  result?: { new_words: number; updated_words: number; words: { word: string }[]; source_url: string };
  error?: string;
  created_at?: string;
  completed_at?: string;
}

interface ArticleExtractRequest {
  url: string;
  browser?: string;
  source_lang?: string;
  target_lang?: string;
  word_count?: number;
}

/** That system's client: `request`, `extractArticle` and `getTask` of its pages, and the polling of its hook. */
function tutorialClient(base: string) {
  async function request<T>(path: string, options?: RequestInit): Promise<T> {
    const headers = { 'Content-Type': 'application/json' };
    const response = await whileBusy(
      () => fetch(`${base}/api${path}`, { headers, ...options }),
      ({ status }) => status,
    );
    if (!response.ok) throw new Error(((await response.json()) as { detail: string }).detail);
    return response.json() as Promise<T>;
  }
  const extractArticle = (data: ArticleExtractRequest) =>
    request<TaskStatus>('/articles/extract', { method: 'POST', body: JSON.stringify(data) });
  const getTask = (taskId: string) => request<TaskStatus>(`/tasks/${taskId}`);

  /** Keeps polling while the last answer says that the task runs; an answer that does not come is asked for again. */
  async function useTask(
    taskId: string,
    onData: (data: TaskStatus) => void = () => undefined,
  ): Promise<TaskStatus> {
    let data: TaskStatus | undefined;
    while (!data || ['pending', 'in_progress'].includes(data.status)) {
      await pause(100);
      data = await getTask(taskId).catch((error: unknown) => {
        // What fetch throws when nobody answers comes from outside of the test's own globals.
        if ((error as Error).name !== 'TypeError') throw error;
        return data;
      });
      if (data) onData(data);
    }
    return data;
  }
  return { extractArticle, getTask, useTask };
}

/** The form of the page: what a person leaves as it is. */
const form = { browser: 'firefox', source_lang: 'Spanish', target_lang: 'French', word_count: 30 };
const pythonTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/;

let house: House;
let worker: WorkerProcess;
let client: ReturnType<typeof tutorialClient>;

beforeAll(async () => {
  house = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
  worker = await house.startWorker();
  client = tutorialClient(house.url);
});
afterAll(() => house.close());

const cancel = (taskId: string) =>
  whileBusy(
    () => house.request('POST', `/v1/jobs/${taskId}/cancel`, {}),
    ({ status }) => status,
  );

const post = (body: string) =>
  fetch(`${house.url}/api/articles/extract`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });

describe("the vocabulary builder's client", () => {
  it('sees its task through, from the form to the result', async () => {
    const started = await client.extractArticle({ url: `${house.web.url}article`, ...form });
    expect(started).toMatchObject({ type: 'article_extract', status: 'pending' });
    expect(started.created_at).toMatch(pythonTime);

    const task = await client.useTask(started.task_id);
    expect(task).toMatchObject({ task_id: started.task_id, status: 'completed', error: null });
    expect(task.completed_at).toMatch(pythonTime);
    const { result } = task;
    expect(result?.source_url).toBe(`${house.web.url}article`);
    expect(result?.new_words).toBeGreaterThan(0);
    expect(result?.words).toHaveLength((result?.new_words ?? 0) + (result?.updated_words ?? 0));
    for (const word of result?.words ?? []) {
      expect(Object.keys(word)).toEqual(expect.arrayContaining(['word', 'lemma', 'pos', 'translation']));
    }
  });

  it('may leave out what that system has a default for', async () => {
    const { task_id } = await client.extractArticle({ url: `${house.web.url}article` });
    expect(await client.useTask(task_id)).toMatchObject({ status: 'completed' });
    expect(await house.job(task_id)).toMatchObject({ type: 'extractArticle', status: 'succeeded' });
  });

  it('shows a sentence when the task failed', async () => {
    const { task_id } = await client.extractArticle({ url: `${house.web.url}gone`, ...form });
    const task = await client.useTask(task_id);
    expect(task).toMatchObject({ status: 'failed', result: null });
    expect(task.error).toMatch(/^[A-Z].*404.*[.]$/);
  });

  it('sees a task that was cancelled as failed, and why', async () => {
    house.web.on('/never', () => undefined);
    const { task_id } = await client.extractArticle({ url: `${house.web.url}never`, ...form });
    await house.jobWhen(task_id, 'the job runs', ({ status }) => status === 'running');
    await cancel(task_id);
    const task = await client.useTask(task_id);
    expect(task).toMatchObject({ status: 'failed', result: null });
    expect(task.error).toMatch(/^Stopped.*[.]$/);
  });

  it('is told what the task is doing', async () => {
    const { task_id } = await client.extractArticle({ url: `${house.web.url}never`, ...form });
    const task = await until(
      async () => {
        const now = await client.getTask(task_id);
        return now.status === 'in_progress' ? now : null;
      },
      { what: 'the task is in progress' },
    );
    expect(task.progress).toMatch(/\w/);
    await cancel(task_id);
    await client.useTask(task_id);
  });

  it('keeps its task over a restart of the API and the worker', async () => {
    const seen: string[] = [];
    let asked = 0;
    let release = false;
    house.web.on('/slow', (_, response) => {
      asked += 1;
      if (release) response.setHeader('content-type', 'text/html; charset=utf-8').end(articlePage());
    });
    const first = await startApiProcess(house.env);
    const there = tutorialClient(first.url);
    const { task_id } = await until(() => there.extractArticle({ url: `${house.web.url}slow`, ...form }), {
      what: 'the API takes the task',
    });
    const polling = there.useTask(task_id, ({ status }) => seen.push(status));
    await until(() => asked > 0 && seen.includes('in_progress'), { what: 'the article is asked for' });

    await Promise.all([first.kill(), worker.kill()]);
    release = true;
    worker = await house.startWorker();
    const second = await startApiProcess(house.env, first.port);
    try {
      expect(await polling).toMatchObject({ status: 'completed' });
      expect(asked).toBeGreaterThan(1);
    } finally {
      await second.stop();
    }
  });
});

describe("the vocabulary builder's errors", () => {
  it('name a task that is not there', async () => {
    const answer = await fetch(`${house.url}/api/tasks/abc-123-def`);
    expect([answer.status, await answer.json()]).toEqual([404, { detail: 'Task not found' }]);
  });

  it.each([
    ['{}', ['body', 'url']],
    [JSON.stringify({ url: 'https://example.org/', word_count: null }), ['body', 'word_count']],
    [JSON.stringify({ url: 'https://example.org/', word_count: 1001 }), ['body', 'word_count']],
    ['[]', ['body']],
  ])('point at what is wrong in %s', async (body, loc) => {
    const answer = await post(body);
    expect(answer.status).toBe(422);
    const { detail } = (await answer.json()) as { detail: { loc: string[]; msg: string; type: string }[] };
    expect(detail).toEqual([{ loc, msg: expect.stringMatching(/\w/), type: expect.stringMatching(/\w/) }]);
  });

  it.each([
    [{ url: 'ftp://example.org/' }, 'The address cannot be used: scheme "ftp" is not fetched'],
    [{ url: 'elpais.com' }, 'The address cannot be used: not a URL'],
    [{ url: '' }, 'The address cannot be used: not a URL'],
    [{ url: 'https://me:secret@example.org/' }, 'The address cannot be used: credentials in a URL'],
    [{ url: 'https://example.org/', source_lang: 'Klingonese' }, 'The source language cannot be used: "Klin'],
    [{ url: 'https://example.org/', browser: 'Fire Fox' }, 'The browser cannot be used: '],
  ])('of a text that cannot be used are those of a task that has failed: %j', async (body, error) => {
    const started = await client.extractArticle(body);
    expect(started).toMatchObject({
      type: 'article_extract',
      status: 'failed',
      progress: null,
      result: null,
    });
    expect(started.error).toContain(error);
    expect(started.error).toMatch(/\.$/);
    expect(started.completed_at).toMatch(pythonTime);
    expect(await client.getTask(started.task_id)).toEqual(started);
  });

  it.each([
    ['themes', { theme_prompt: 'In the kitchen' }, 'theme_create'],
    ['manual/translate', { words: ['de lepel'], theme: 'In the kitchen' }, 'manual_entry'],
  ])('of a server without a model say which variable to set: %s', async (path, body, type) => {
    const answer = await fetch(`${house.url}/api/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(200);
    const task = (await answer.json()) as TaskStatus;
    expect(task).toMatchObject({ type, status: 'failed', result: null });
    expect(task.error).toContain('The operator sets MODEL');
    expect(await client.getTask(task.task_id)).toEqual(task);
  });

  it('have a detail even when the body is no JSON', async () => {
    const answer = await post('{');
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/JSON/) });
  });
});

failOnLeftovers();
