import { randomUUID } from 'node:crypto';
import type { InjectOptions } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { GenerateCvResult } from '../../../job-types/generate-cv.js';
import { generateCv } from '../../../job-types/generate-cv.js';
import type { Document, DocumentList } from '../../../src/library/document-views.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
  await house.startWorker();
});
afterAll(() => house.close());

type Type = 'generateCv' | 'generateCoverLetter';

async function write(applicationId: string, type: Type = 'generateCv'): Promise<GenerateCvResult> {
  const { id } = await house.submitJob(type, { ...generateCv.example, applicationId });
  const job = await house.jobWhen(id, 'the job is done', ({ done }) => done);
  expect(job).toMatchObject({ status: 'succeeded', concurrencyKey: `application ${applicationId}` });
  return job.result as GenerateCvResult;
}

const get = <T>(path: string) => house.ask<T>('GET', path);

/** What a person may send again, where the database was busy. */
const send = (asked: InjectOptions) =>
  whileBusy(
    () => house.api.inject(asked),
    ({ statusCode }) => statusCode,
  );

const edit = async (id: string, body: object, headers: Record<string, string> = {}) => {
  const answer = await send({
    method: 'PUT',
    url: `/v1/documents/${id}`,
    headers,
    payload: body,
  });
  return { status: answer.statusCode, headers: answer.headers, body: answer.json<Document & Failure>() };
};

describe('a document', () => {
  it('is what a job wrote, and each job adds a version', async () => {
    const applicationId = randomUUID();
    const first = await write(applicationId);
    const second = await write(applicationId);
    expect([first.version, second.version]).toEqual([1, 2]);
    expect(second.documentId).toBe(first.documentId);
    const { body, headers } = await get<Document>(`/v1/documents/${first.documentId}`);
    expect(body).toMatchObject({
      applicationId,
      kind: 'cv',
      version: 2,
      latestVersion: 2,
      markdown: second.markdown,
      provider: 'rules',
      notes: [expect.stringContaining('template')],
      writtenBy: null,
    });
    expect(headers['etag']).toBe('"v2"');
    const earlier = await get<Document>(`/v1/documents/${first.documentId}?version=1`);
    expect(earlier.body).toMatchObject({ version: 1, latestVersion: 2, markdown: first.markdown });
  });

  it('is one of each kind of an application, found by it', async () => {
    const applicationId = randomUUID();
    const [cv, letter] = [await write(applicationId), await write(applicationId, 'generateCoverLetter')];
    const all = await get<DocumentList>(`/v1/documents?applicationId=${applicationId}`);
    expect(all.body.items.map(({ id }) => id)).toEqual([letter.documentId, cv.documentId]);
    const cvs = await get<DocumentList>(`/v1/documents?applicationId=${applicationId}&kind=cv`);
    expect(cvs.body.items.map(({ id }) => id)).toEqual([cv.documentId]);
    const page = await get<DocumentList>(`/v1/documents?applicationId=${applicationId}&pageSize=1`);
    expect(page.body.items).toHaveLength(1);
    const next = await get<DocumentList>(
      `/v1/documents?applicationId=${applicationId}&pageSize=1&pageToken=${page.body.nextPageToken}`,
    );
    expect(next.body).toMatchObject({ items: [{ id: cv.documentId }], nextPageToken: null });
  });

  it('is edited as a version of its own, and a job writes the next', async () => {
    const applicationId = randomUUID();
    const { documentId: id } = await write(applicationId);
    const edited = await edit(id, { markdown: '# Mine', title: 'My CV' }, { 'if-match': '"v1"' });
    expect(edited).toMatchObject({
      status: 200,
      headers: { etag: '"v2"' },
      body: { version: 2, markdown: '# Mine', title: 'My CV', provider: null, jobId: null, notes: [] },
    });
    expect((await write(applicationId)).version).toBe(3);
    const versions = await get<DocumentList>(`/v1/documents/${id}/versions`);
    expect(versions.body.items.map(({ version, provider }) => [version, provider])).toEqual([
      [3, 'rules'],
      [2, null],
      [1, 'rules'],
    ]);
    const older = await get<DocumentList>(`/v1/documents/${id}/versions?pageSize=1&pageToken=3`);
    expect(older.body).toMatchObject({ items: [{ version: 2 }], nextPageToken: '2' });
  });

  it('is not edited over what somebody else has written since', async () => {
    const { documentId: id } = await write(randomUUID());
    await edit(id, { markdown: 'theirs' });
    for (const match of ['"v1"', 'W/"v1"', '"something else"']) {
      const { status, body } = await edit(id, { markdown: 'mine' }, { 'if-match': match });
      expect([status, body.code]).toEqual([412, 'document-changed']);
    }
    expect((await get<Document>(`/v1/documents/${id}`)).body).toMatchObject({
      version: 2,
      markdown: 'theirs',
    });
    expect((await edit(id, { markdown: 'mine' }, { 'if-match': '*' })).body.version).toBe(3);
  });

  it('of two edits at once has both, one after the other', async () => {
    const { documentId: id } = await write(randomUUID());
    const answers = await Promise.all(['a', 'b', 'c'].map((markdown) => edit(id, { markdown })));
    expect(new Set(answers.map(({ body }) => body.version))).toEqual(new Set([2, 3, 4]));
  });

  it('is deleted in all its versions, unless somebody has written since, and is begun anew by a later job', async () => {
    const applicationId = randomUUID();
    const { documentId: id } = await write(applicationId);
    const remove = async (match?: string) => {
      const headers = match === undefined ? {} : { 'if-match': match };
      const answer = await send({ method: 'DELETE', url: `/v1/documents/${id}`, headers });
      return { status: answer.statusCode, body: answer.json<Document & Failure>() };
    };
    await edit(id, { markdown: 'theirs' });
    expect((await remove('"v1"')).body.code).toBe('document-changed');
    expect((await get<Document>(`/v1/documents/${id}`)).body.version).toBe(2);
    expect(await remove('"v2"')).toMatchObject({ status: 200, body: { id, markdown: 'theirs' } });
    for (const path of ['', '/versions', '/file']) {
      expect((await get(`/v1/documents/${id}${path}`)).status).toBe(404);
    }
    expect((await remove()).body.code).toBe('document-not-found');
    const again = await write(applicationId);
    expect(again.version).toBe(1);
    expect(again.documentId).not.toBe(id);
  });

  it.each(['999999999', '999999999/versions', '999999999/file'])('%s is not there', async (path) => {
    const { status, body } = await get<Failure>(`/v1/documents/${path}`);
    expect([status, body.code]).toEqual([404, 'document-not-found']);
  });

  it('has no version that nobody wrote', async () => {
    const { documentId } = await write(randomUUID());
    expect((await get(`/v1/documents/${documentId}?version=9`)).status).toBe(404);
  });
});

describe('a file of a document', () => {
  it('has a name that is no path, whatever the application is called', async () => {
    const { documentId } = await write('../../etc/passwd "x"');
    const { headers, status } = await get(`/v1/documents/${documentId}/file`);
    expect([status, headers['content-disposition']]).toEqual([
      200,
      'attachment; filename="cv-etc-passwd-x-v1.md"',
    ]);
    expect(headers['content-type']).toBe('text/markdown; charset=utf-8');
  });

  it('is laid out as Word and as PDF, of the version that is asked for', async () => {
    const { documentId } = await write(randomUUID());
    await edit(documentId, { markdown: '# Second' });
    for (const [format, magic] of [
      ['docx', 'PK'],
      ['pdf', '%PDF-'],
    ]) {
      const url = `/v1/documents/${documentId}/file?format=${format}&version=1`;
      const answer = await send({ method: 'GET', url });
      expect(answer.statusCode).toBe(200);
      expect(answer.rawPayload.subarray(0, magic?.length).toString()).toBe(magic);
      expect(answer.headers['content-disposition']).toMatch(new RegExp(`-v1\\.${format}"$`));
    }
  });

  it('is refused as a layout that would take too long', async () => {
    const { documentId } = await write(randomUUID());
    await edit(documentId, { markdown: 'word '.repeat(50_000) });
    const { status, body } = await get<Failure>(`/v1/documents/${documentId}/file?format=pdf`);
    expect([status, body.code]).toEqual([422, 'document-too-long']);
    expect((await get(`/v1/documents/${documentId}/file`)).status).toBe(200);
  });
});

failOnLeftovers();
