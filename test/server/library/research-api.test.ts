import { randomUUID } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { ResearchDocument, ResearchList } from '../../../src/library/research-views.js';
import type { StoryList } from '../../../src/library/story-views.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
  await house.startWorker();
});
afterAll(() => house.close());

const path = (subject: string) => `/v1/research/${encodeURIComponent(subject)}`;
const get = <T>(url: string) => house.ask<T>('GET', url);

async function make(subject: string, text = 'A rock.\n\nA lamp on it.\n\nA lamp on it.'): Promise<void> {
  const { id } = await house.submitJob('researchSubject', { subject, text });
  const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
  expect(job).toMatchObject({ status: 'succeeded', failure: null });
}

/** What a person may send again, where the database was busy. */
const send = (asked: InjectOptions) =>
  whileBusy(
    () => house.api.inject(asked),
    ({ statusCode }) => statusCode,
  );

const edit = async (subject: string, content: object, headers: Record<string, string> = {}) => {
  const answer = await send({
    method: 'PUT',
    url: path(subject),
    headers,
    payload: { content },
  });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    body: answer.json<ResearchDocument & Failure>(),
  };
};

const remove = async (subject: string, headers: Record<string, string> = {}) => {
  const answer = await send({ method: 'DELETE', url: path(subject), headers });
  const code = answer.statusCode === 204 ? null : answer.json<Failure>().code;
  return { status: answer.statusCode, code };
};

describe('research', () => {
  it('is the paragraphs of the text where there is no model, and says so', async () => {
    const subject = `Subject ${randomUUID()}`;
    await make(subject);
    const { body, headers } = await get<ResearchDocument>(path(subject));
    expect(body).toMatchObject({
      ...{ subject, version: 1, latestVersion: 1, title: subject, provider: 'rules', sources: [] },
      notes: [expect.stringContaining('put in order by nobody')],
      content: {
        ...{ title: subject, setting: { description: 'A rock.', zone: '' } },
        ...{ facts: ['A rock.', 'A lamp on it.'], people: [], quests: [] },
      },
    });
    expect(headers['etag']).toBe('"v1"');
  });

  it('is corrected by a person as a version of its own, and a stale change is refused', async () => {
    const subject = `Subject ${randomUUID()}`;
    await make(subject);
    const mine = { title: 'Mine', quests: [{ id: 'q', title: 'A quest', questGiver: { name: 'Marta' } }] };
    const saved = await edit(subject, mine, { 'if-match': '"v1"' });
    expect(saved).toMatchObject({
      ...{ status: 200, headers: { etag: '"v2"' } },
      body: {
        ...{ version: 2, provider: null, jobId: null, notes: [], title: 'Mine' },
        content: { facts: [], quests: [{ title: 'A quest', questGiver: { name: 'Marta', lore: '' } }] },
      },
    });
    for (const match of ['"v1"', '"something else"']) {
      const { status, body } = await edit(subject, { title: 'theirs' }, { 'if-match': match });
      expect([status, body.code]).toEqual([412, 'research-changed']);
    }
    expect((await get<ResearchDocument>(path(subject))).body).toMatchObject({ version: 2, title: 'Mine' });
    expect((await get<ResearchDocument>(`${path(subject)}?version=1`)).body).toMatchObject({
      ...{ version: 1, latestVersion: 2, title: subject },
    });
    // What was read can be sent back as it is.
    const { content } = saved.body;
    expect((await edit(subject, content)).body).toMatchObject({ version: 3, content });
    const { body } = await get<ResearchList>(`${path(subject)}/versions?pageSize=2`);
    expect(body).toMatchObject({ items: [{ version: 3 }, { version: 2 }], nextPageToken: '2' });
  });

  it('of several edits of one version has one', async () => {
    const subject = `Subject ${randomUUID()}`;
    await make(subject);
    const edits = ['a', 'b', 'c', 'd'].map((title) => edit(subject, { title }, { 'if-match': '"v1"' }));
    const statuses = (await Promise.all(edits)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
  });

  it.each(["Inés' O'Neill", '灯台 — 物語', 'a & b = c + d; e, "f" <g>', 'x'.repeat(200), '.hidden', 'é'])(
    'has %p for a subject, as it is written',
    async (name) => {
      await make(name);
      expect((await get<ResearchDocument>(path(name))).body).toMatchObject({ subject: name });
    },
  );

  it('has one subject however it is composed, and whatever stands around it', async () => {
    await make(`  Cafe\u0301 ${'x'.repeat(5)} `);
    expect((await get<ResearchDocument>(path('Caf\u00e9 xxxxx'))).body).toMatchObject({ version: 1 });
    expect((await get<ResearchDocument>(path('Cafe\u0301 xxxxx'))).body).toMatchObject({ version: 1 });
  });

  it.each([
    'a/b',
    'a\\b',
    'a?b',
    'a#b',
    'a%b',
    'a\u0000b',
    'a\nb',
    '..',
    '.',
    '...',
    '   ',
    '\u200b',
    'x'.repeat(201),
  ])('cannot have %p for a subject', async (subject) => {
    for (const type of ['researchSubject', 'createStory']) {
      const input = { subject, ...(type === 'createStory' ? { player: 'Inés' } : { text: 'x' }) };
      const { status, body } = await house.ask<Failure>('POST', '/v1/jobs', { type, input });
      expect([status, body.code]).toEqual([422, 'validation-failed']);
      expect(body.errors?.[0]?.pointer).toBe('/input/subject');
    }
  });

  it('is listed, the newest subject first, page by page', async () => {
    const names = [`Subject ${randomUUID()}`, `Subject ${randomUUID()}`];
    for (const name of names) await make(name);
    const first = await get<ResearchList>('/v1/research?pageSize=1');
    expect(first.body.items.map(({ subject }) => subject)).toEqual([names[1]]);
    const next = await get<ResearchList>(`/v1/research?pageSize=1&pageToken=${first.body.nextPageToken}`);
    expect(next.body.items.map(({ subject }) => subject)).toEqual([names[0]]);
  });

  it('that nobody made is not there, nor are its versions', async () => {
    for (const url of [path('Nobody knows'), `${path('Nobody knows')}/versions`]) {
      const { status, body } = await get<Failure>(url);
      expect([status, body.code]).toEqual([404, 'research-not-found']);
    }
    // Whoever has seen a version does not bring back what somebody has deleted since.
    for (const match of ['"v1"', '*']) {
      const { status, body } = await edit('Nobody knows', {}, { 'if-match': match });
      expect([status, body.code]).toEqual([404, 'research-not-found']);
    }
    expect((await remove('Nobody knows')).status).toBe(404);
  });

  it('is written by hand where there is none', async () => {
    const subject = `Subject ${randomUUID()}`;
    const made = await edit(subject, { title: 'By hand', facts: ['A lamp.'] });
    expect(made).toMatchObject({
      ...{ status: 201, headers: { etag: '"v1"' } },
      body: { subject, version: 1, provider: null, jobId: null, sources: [], notes: [], title: 'By hand' },
    });
    expect((await edit(subject, { title: 'Again' })).status).toBe(200);
  });

  it('is found by a part of its subject or title, whatever the case and the signs in it', async () => {
    const rare = randomUUID();
    await edit(`The Harbour ${rare}`, { title: '50 % of_it' });
    await edit(`The Mill ${rare}`, { title: 'Flour' });
    const found = async (search: string) => {
      const { body } = await get<ResearchList>(`/v1/research?search=${encodeURIComponent(search)}`);
      return body.items.map((one) => one.subject);
    };
    expect(await found(`harbour ${rare}`)).toEqual([`The Harbour ${rare}`]);
    expect(await found(rare)).toEqual([`The Mill ${rare}`, `The Harbour ${rare}`]);
    expect(await found('FLOUR')).toEqual([`The Mill ${rare}`]);
    expect(await found('50 % OF_')).toEqual([`The Harbour ${rare}`]);
    // As patterns, these would fit more.
    for (const search of ['T_e Mill', 'The%Mill', '\\']) expect(await found(search)).toEqual([]);
  });

  it('that two people write by hand at once has what both have written', async () => {
    const subject = `Subject ${randomUUID()}`;
    const titles = ['a', 'b', 'c', 'd'];
    const made = await Promise.all(titles.map((title) => edit(subject, { title })));
    expect(made.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 201]);
    const { body } = await get<ResearchList>(`${path(subject)}/versions`);
    expect(body.items.map(({ version }) => version)).toEqual([4, 3, 2, 1]);
    expect(body.items.map(({ title }) => title).toSorted()).toEqual(titles);
  });

  it('is deleted whole, in the version that was seen, and its numbers are not given again', async () => {
    const subject = `Subject ${randomUUID()}`;
    await make(subject);
    await edit(subject, { title: 'Mine' });
    for (const match of ['"v1"', '"something else"']) {
      const { status, code } = await remove(subject, { 'if-match': match });
      expect([status, code]).toEqual([412, 'research-changed']);
    }
    expect((await get<ResearchDocument>(path(subject))).status).toBe(200);
    expect((await remove(subject, { 'if-match': '"v2"' })).status).toBe(204);
    for (const url of [path(subject), `${path(subject)}/versions`, `${path(subject)}?version=1`]) {
      expect((await get<Failure>(url)).body.code).toBe('research-not-found');
    }
    const { body } = await get<ResearchList>('/v1/research?pageSize=200');
    expect(body.items.map((one) => one.subject)).not.toContain(subject);
    expect((await remove(subject)).status).toBe(404);
    // A story may name the version 2 that is gone.
    expect(await edit(subject, { title: 'Anew' })).toMatchObject({ status: 201, headers: { etag: '"v3"' } });
    expect((await get<ResearchDocument>(path(subject))).body).toMatchObject({ latestVersion: 3 });
    await make(subject);
    expect((await get<ResearchDocument>(path(subject))).body).toMatchObject({ version: 4 });
    expect((await remove(subject)).status).toBe(204);
    await make(subject);
    expect((await get<ResearchDocument>(path(subject))).body).toMatchObject({ version: 5 });
  });
});

describe('stories', () => {
  it('that nobody wrote are not there, and not found', async () => {
    for (const query of ['', '?search=Nobody']) {
      const { body } = await get<StoryList>(`/v1/stories${query}`);
      expect(body).toEqual({ items: [], nextPageToken: null });
    }
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await send({ method, url: '/v1/stories/Nobody' });
      expect([answer.statusCode, answer.json<Failure>().code]).toEqual([404, 'story-not-found']);
    }
  });
});

failOnLeftovers();
