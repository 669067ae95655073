import { randomUUID } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { PlannedSegment } from '../../../job-types/fields/story-plan.js';
import type { Story, StoryList, StoryVersionList } from '../../../src/library/story-views.js';
import { createStories } from '../../../store/stories.js';
import { appendSegment, finishStory } from '../../../store/story-writing.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
});
afterAll(() => house.close());
failOnLeftovers();

const path = (subject: string) => `/v1/stories/${encodeURIComponent(subject)}`;
const get = <T extends object = Story>(url: string) => house.ask<T>('GET', url);

const planned = (kind: PlannedSegment['kind'], section: PlannedSegment['section'] = 'narration') => ({
  ...{ kind, questIds: [], questName: 'The broken gear', phase: 'exec' as const, section },
  ...{ brief: '', actors: [], words: 100 },
});
const plan = [planned('introduction'), planned('quest'), planned('quest', 'dialogue'), planned('conclusion')];
const line = { actor: 'Marta', line: 'Hold it.' };

/** That an edit answers with. */
type Edited = Omit<Story, 'status'> & Failure;

interface Writing {
  subject: string;
  rootJobId?: string;
  jobId?: string;
  /** How many of the four. */
  segments?: number;
  isOver?: boolean;
  plan?: PlannedSegment[];
}

/** As a job does it. */
async function write({ subject, segments = 4, isOver = true, ...rest }: Writing): Promise<string> {
  const { rootJobId = `job-${randomUUID()}`, jobId = rootJobId, plan: parts = plan } = rest;
  const stories = createStories(house.db);
  const about = { owner: 'local', subject, player: 'Inés', title: 'Forty seconds', provider: 'a/model' };
  const storyId = await stories.begin({
    ...{ ...about, plan: parts, rootJobId, jobId, researchVersion: 1 },
  });
  await house.db.transaction().execute(async (trx) => {
    const making = { rounds: 1, review: null, reviewFailure: null, provider: 'a/model', jobId };
    for (const [index, { section }] of parts.slice(0, segments).entries()) {
      const said =
        section === 'dialogue' ? { text: null, lines: [line] } : { text: `Text ${index + 1}.`, lines: null };
      await appendSegment(trx, { storyId, number: index + 1, ...said, ...making });
    }
    if (isOver) await finishStory(trx, { storyId, missing: [], jobId });
  });
  return rootJobId;
}

/** What a person may send again, where the database was busy. */
const send = (asked: InjectOptions) =>
  whileBusy(
    () => house.api.inject(asked),
    ({ statusCode }) => statusCode,
  );

const edit = async (url: string, payload: object, match?: string) => {
  const headers = match === undefined ? {} : { 'if-match': match };
  const answer = await send({ method: 'PUT', url, headers, payload });
  const { statusCode: status, headers: answered } = answer;
  return { status, etag: answered['etag'], body: answer.json<Edited>() };
};

describe('a story', () => {
  it('is edited part by part as a version of its own, and what the job wrote stays', async () => {
    const subject = `Subject ${randomUUID()}`;
    const jobId = await write({ subject });
    const own = await get(path(subject));
    expect(own.body).toMatchObject({ version: 1, latestVersion: 1, editedAt: null, writtenBy: null });
    const etag = String(own.headers['etag']);
    const mine = { introduction: 'My own beginning.', segments: [{ number: 3, lines: [line, line] }] };
    const saved = await edit(path(subject), mine, etag);
    expect(saved).toMatchObject({
      status: 200,
      body: {
        ...{ version: 2, latestVersion: 2, title: 'Forty seconds', jobId, editedAt: expect.any(String) },
        introduction: { text: 'My own beginning.', edited: true, rounds: 1 },
        segments: [
          { number: 2, text: 'Text 2.', edited: false },
          { number: 3, text: null, lines: [line, line], edited: true },
        ],
        conclusion: { text: 'Text 4.', edited: false },
      },
    });
    expect((await get(path(subject))).body).toEqual(saved.body);
    const asMythline = `/api/stories/${encodeURIComponent(subject)}`;
    expect((await get(asMythline)).body).toMatchObject({ introduction: { text: 'My own beginning.' } });
    // The next edit goes on from there.
    const next = await edit(path(subject), { title: 'Half a minute', conclusion: 'Done.' }, saved.etag);
    expect(next.body).toMatchObject({
      ...{ version: 3, title: 'Half a minute', introduction: { text: 'My own beginning.' } },
      conclusion: { text: 'Done.', edited: true },
    });
    // A text that is the job's again is not one that a person has written.
    const back = { segments: [{ number: 3, lines: [line] }] };
    expect((await edit(path(subject), back)).body.segments[1]).toMatchObject({
      lines: [line],
      edited: false,
    });
    expect((await get(`${path(subject)}?version=1`)).body).toEqual({ ...own.body, latestVersion: 4 });
    expect((await get(`${path(subject)}?version=2`)).body).toEqual({ ...saved.body, latestVersion: 4 });
    expect((await get<Failure>(`${path(subject)}?version=5`)).body.code).toBe('story-not-found');
    const { body } = await get<StoryVersionList>(`${path(subject)}/versions?pageSize=2`);
    expect(body).toMatchObject({
      items: [
        { version: 4, title: 'Half a minute', provider: null, jobId: null },
        { version: 3, title: 'Half a minute', provider: null, jobId: null },
      ],
      nextPageToken: '3',
    });
    const last = await get<StoryVersionList>(`${path(subject)}/versions?pageToken=3`);
    expect(last.body).toMatchObject({
      items: [
        { version: 2, title: 'Forty seconds' },
        { version: 1, provider: 'a/model', jobId },
      ],
      nextPageToken: null,
    });
    const found = await get<StoryList>(`/v1/stories?search=${encodeURIComponent('half a MIN')}`);
    expect(found.body.items).toMatchObject([{ subject, title: 'Half a minute', version: 4 }]);
  });

  it('of several edits of one version has one, and refuses a tag of anything else', async () => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject });
    const etag = String((await get(path(subject))).headers['etag']);
    const edits = ['a', 'b', 'c', 'd'].map((title) => edit(path(subject), { title }, etag));
    const statuses = (await Promise.all(edits)).map(({ status }) => status);
    expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 412, 412, 412]);
    for (const match of [etag, '"v2"', '"something else"']) {
      const { status, body } = await edit(path(subject), { title: 'e' }, match);
      expect([status, body.code]).toEqual([412, 'story-changed']);
    }
    expect((await edit(path(subject), { title: 'f' }, '*')).body).toMatchObject({ version: 3 });
    expect((await edit(path(subject), { title: 'g' })).body).toMatchObject({ version: 4 });
  });

  it('that another one has followed is edited by the job that wrote it alone', async () => {
    const subject = `Subject ${randomUUID()}`;
    const first = await write({ subject });
    const etag = String((await get(path(subject))).headers['etag']);
    const second = await write({ subject });
    const { status, body } = await edit(path(subject), { title: 'Of the first' }, etag);
    expect([status, body.code]).toEqual([412, 'story-changed']);
    const url = `${path(subject)}?jobId=${first}`;
    expect((await edit(url, { title: 'Of the first' }, etag)).body).toMatchObject({
      jobId: first,
      version: 2,
    });
    expect((await get(path(subject))).body).toMatchObject({
      jobId: second,
      version: 1,
      title: 'Forty seconds',
    });
    expect((await get(url)).body).toMatchObject({ title: 'Of the first' });
  });

  it('is not edited while a job writes it', async () => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject, segments: 2, isOver: false });
    const { status, body } = await edit(path(subject), { introduction: 'Mine.' });
    expect([status, body.code]).toEqual([409, 'story-being-written']);
    expect((await get(path(subject))).body).toMatchObject({ version: 1, introduction: { text: 'Text 1.' } });
  });

  it('keeps what people have written when a retry goes on with it, or makes another plan', async () => {
    const subject = `Subject ${randomUUID()}`;
    const rootJobId = await write({ subject, segments: 2 });
    const mine = { title: 'Mine', segments: [{ number: 2, text: 'Mine.' }] };
    expect((await edit(path(subject), mine)).status).toBe(200);
    await write({ subject, rootJobId });
    expect((await get(path(subject))).body).toMatchObject({
      ...{ version: 2, title: 'Mine', written: 4 },
      segments: [
        { number: 2, text: 'Mine.' },
        { number: 3, lines: [line] },
      ],
    });
    const etag = String((await get(path(subject))).headers['etag']);
    const jobId = `${rootJobId}.r1`;
    await write({ subject, rootJobId, jobId, plan: plan.slice(0, 2) });
    expect((await get(path(subject))).body).toMatchObject({
      ...{ jobId, version: 1, latestVersion: 1, title: 'Forty seconds', editedAt: null },
    });
    expect((await edit(path(subject), { title: 'Late' }, etag)).status).toBe(412);
    expect((await get(`${path(subject)}?jobId=${rootJobId}`)).body).toMatchObject({
      ...{ version: 2, title: 'Mine', written: 4 },
      segments: [{ text: 'Mine.', edited: true }, { edited: false }],
    });
  });

  it('that several people edit at once, each another part, has what all have written', async () => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject });
    await edit(path(subject), { introduction: 'Mine.' });
    const edits = [{ title: 'a' }, { conclusion: 'b' }, { segments: [{ number: 2, text: 'c' }] }];
    const made = await Promise.all(edits.map((one) => edit(path(subject), one)));
    expect(made.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await get(path(subject))).body).toMatchObject({
      ...{ version: 5, title: 'a', introduction: { text: 'Mine.' }, conclusion: { text: 'b' } },
      segments: [{ text: 'c' }, { edited: false }],
    });
  });

  it('has of what is sent back whole only what is changed from a person', async () => {
    const subject = `Subject ${randomUUID()}`;
    const rootJobId = await write({ subject, segments: 3 });
    const etag = String((await get(path(subject))).headers['etag']);
    const whole = {
      introduction: 'Text 1.',
      segments: [
        { number: 2, text: 'Mine.' },
        { number: 3, lines: [line] },
      ],
    };
    const saved = await edit(path(subject), whole, etag);
    expect(saved.body).toMatchObject({
      introduction: { edited: false },
      segments: [{ edited: true }, { edited: false }],
    });
    // A retry writes them otherwise.
    await house.db.updateTable('story_segments').set({ body: 'Anew.' }).where('number', '=', 1).execute();
    await write({ subject, rootJobId, segments: 0 });
    expect((await get(path(subject))).body).toMatchObject({
      ...{ version: 2, introduction: { text: 'Anew.', edited: false }, segments: [{ text: 'Mine.' }, {}] },
    });
    expect((await edit(path(subject), { title: 'Late' }, saved.etag)).status).toBe(412);
  });

  it.each([
    [{}, ''],
    [{ introduction: '' }, '/introduction'],
    [{ introduction: ' \n' }, '/introduction'],
    [{ conclusion: 7 }, '/conclusion'],
    [{ title: 'x'.repeat(501) }, '/title'],
    [
      {
        segments: [
          { number: 2, text: 'Once.' },
          { number: 2, text: 'Twice.' },
        ],
      },
      '/segments/1/number',
    ],
    [{ segments: [{ number: 9, text: 'Nowhere.' }] }, '/segments/0/number'],
    [{ segments: [{ number: 1, text: 'The introduction.' }] }, '/segments/0/number'],
    [{ segments: [{ number: 2, lines: [line] }] }, '/segments/0'],
    [{ segments: [{ number: 3, text: 'Told.' }] }, '/segments/0'],
    [{ segments: [{ number: 2 }] }, '/segments/0'],
    [{ segments: [{ number: 3, lines: [] }] }, '/segments/0/lines'],
    [{ segments: [{ number: 3, lines: [{ actor: '', line: 'Who?' }] }] }, '/segments/0/lines/0/actor'],
    [{ text: 'Nowhere.' }, '/text'],
  ])('refuses %j, points at it, and stays as it was', async (payload, pointer) => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject });
    const { status, body } = await edit(path(subject), payload);
    expect([status, body.code]).toEqual([422, 'validation-failed']);
    expect(body.errors?.map((error) => error.pointer)).toContain(pointer);
    expect((await get(path(subject))).body).toMatchObject({ version: 1 });
  });

  it('refuses an edit of a part that was never written', async () => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject, segments: 2 });
    const { status, body } = await edit(path(subject), { conclusion: 'The end.' });
    expect([status, body.errors]).toEqual([422, [expect.objectContaining({ pointer: '/conclusion' })]]);
  });

  it('of somebody else, or nobody, is not there to be edited', async () => {
    const subject = `Subject ${randomUUID()}`;
    await write({ subject });
    await house.db.updateTable('stories').set({ owner: 'else' }).where('subject', '=', subject).execute();
    for (const url of [path(subject), path('Nobody')]) {
      expect((await edit(url, { title: 'Mine' })).body.code).toBe('story-not-found');
      expect((await get<Failure>(`${url}/versions`)).body.code).toBe('story-not-found');
    }
  });
});
