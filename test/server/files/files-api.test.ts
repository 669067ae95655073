import '../../harness/file-job/register.js';
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { StoredFile, StoredFileList } from '../../../src/files/file-views.js';
import { createFiles } from '../../../store/files.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { rawConnection } from '../../harness/raw-connection.js';
import { until } from '../../harness/until.js';
import { zipOf } from '../../harness/zip-of.js';

const uploadsAMinute = 60;
const [mostFiles, mostBytes] = [100, 50_000_000];

let house: House;

beforeAll(async () => {
  house = await openHouse({
    MAX_FILE_BYTES: '2000000',
    UPLOAD_STALL: '2',
    RATE_LIMIT_UPLOAD: String(uploadsAMinute),
    MAX_UNCLAIMED_FILES: String(mostFiles),
    MAX_UNCLAIMED_BYTES: String(mostBytes),
  });
});
afterAll(() => house.close());

interface Sent {
  name?: string;
  type?: string;
  headers?: Record<string, string>;
}

async function upload(
  body: Uint8Array<ArrayBuffer> | string | FormData,
  { name, type, headers = {} }: Sent = {},
) {
  const query = name === undefined ? '' : `?name=${encodeURIComponent(name)}`;
  const answer = await fetch(`${house.url}/v1/files${query}`, {
    method: 'POST',
    headers: { ...(type === undefined ? {} : { 'content-type': type }), ...headers },
    body,
  });
  return {
    status: answer.status,
    headers: answer.headers,
    body: (await answer.json()) as StoredFile & Failure,
  };
}

const download = (id: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${house.url}/v1/files/${id}`, { method, headers });

const bytesOf = async (answer: Response) => Buffer.from(await answer.arrayBuffer());

const list = async (query = '') => (await house.request<StoredFileList>('GET', `/v1/files${query}`)).body;

const rows = async (): Promise<number> => {
  const { rows: found } = await sql<{ count: number }>`
    select ((select count(*) from files) + (select count(*) from file_chunks))::integer as count`.execute(
    house.db,
  );
  return found[0]?.count ?? -1;
};

/** Goes on with an upload as slowly as it may, so that it is not given up while a test looks at something else. */
const trickling = (write: (bytes: Uint8Array) => Promise<void>): NodeJS.Timeout =>
  setInterval(() => void write(randomBytes(2_000)).catch(() => undefined), 50);

describe('a file', () => {
  it('comes back byte for byte, as an attachment of its type and name', async () => {
    const bytes = randomBytes(1_000_001);
    const { status, headers, body } = await upload(bytes, { name: '../naïve "表".bin' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/v1/files/${body.id}`);
    expect(body).toMatchObject({ name: 'naïve _表_.bin', size: 1_000_001 });
    const answer = await download(body.id);
    expect(answer.status).toBe(200);
    expect((await bytesOf(answer)).equals(bytes)).toBe(true);
    expect(answer.headers.get('content-length')).toBe('1000001');
    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; .*filename\*=UTF-8''na%C3%AFve/);
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('is found by a part of its name', async () => {
    const { body } = await upload('a', { name: 'Quarterly figures.txt' });
    const found = async (search: string) =>
      (await list(`?search=${encodeURIComponent(search)}`)).items.map(({ id }) => id);
    expect(await found('LY FIG')).toEqual([body.id]);
    expect(await found('ly%fig')).toEqual([]);
  });

  it('is read in parts, and asked about without being read', async () => {
    const bytes = randomBytes(600_000);
    const { id } = (await upload(bytes)).body;
    const part = await download(id, { range: 'bytes=262140-262149' });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 262140-262149/600000');
    expect((await bytesOf(part)).equals(bytes.subarray(262_140, 262_150))).toBe(true);
    const changed = await download(id, { range: 'bytes=0-1', 'if-range': '"x"' });
    expect([changed.status, (await bytesOf(changed)).length]).toEqual([200, 600_000]);
    const beyond = await download(id, { range: 'bytes=600000-' });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */600000']);
    expect(await beyond.json()).toMatchObject({ code: 'range-not-satisfiable' });
    const head = await download(id, {}, 'HEAD');
    expect([head.status, head.headers.get('content-length')]).toEqual([200, '600000']);
  });

  it('of JSON is taken as it is, however deep, and is no body of a request', async () => {
    const text = '['.repeat(200) + ']'.repeat(200);
    const { status, body } = await upload(text, { type: 'application/json' });
    expect([status, body.mediaType]).toEqual([201, 'application/json']);
    expect((await bytesOf(await download(body.id))).toString()).toBe(text);
    const elsewhere = await fetch(`${house.url}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-as-it-comes' },
      body: '{}',
    });
    expect(elsewhere.status).toBe(415);
    await elsewhere.arrayBuffer();
  });

  it('may come in a form', async () => {
    const form = new FormData();
    form.append('note', 'x');
    form.append('file', new Blob([randomBytes(900_000)], { type: 'application/octet-stream' }), 'a.dat');
    const { status, body } = await upload(form);
    expect(status).toBe(201);
    expect(body).toMatchObject({ name: 'a.dat', size: 900_000 });
  });

  it('is listed, newest first, until it is removed', async () => {
    const first = (await upload('one')).body;
    const second = (await upload('two')).body;
    const page = await list('?pageSize=1');
    expect(page.items.map(({ id }) => id)).toEqual([second.id]);
    const next = await list(`?pageSize=1&pageToken=${page.nextPageToken}`);
    expect(next.items.map(({ id }) => id)).toEqual([first.id]);
    const remove = () => download(second.id, {}, 'DELETE');
    const removed = await remove();
    expect([removed.status, await removed.json()]).toEqual([200, second]);
    expect((await list()).items.map(({ id }) => id)).not.toContain(second.id);
    for (const answer of [await remove(), await download(second.id)]) {
      expect([answer.status, await answer.json()]).toEqual([
        404,
        expect.objectContaining({ code: 'file-not-found' }),
      ]);
    }
  });
});

describe('an upload that is refused leaves nothing', () => {
  const bomb = zipOf([{ name: 'a', content: Buffer.alloc(10), saysBytes: 3_000_000_000 }]);
  const twoFiles = new FormData();
  twoFiles.append('a', new Blob(['1']), 'a.txt');
  twoFiles.append('b', new Blob(['2']), 'b.txt');
  const large = new FormData();
  large.append('a', new Blob([Buffer.alloc(2_000_001)]), 'a.bin');

  it.each<[string, Parameters<typeof upload>, number, string]>([
    ['too large', [Buffer.alloc(2_000_001)], 413, 'file-too-large'],
    ['too large, in a form', [large], 413, 'file-too-large'],
    ['empty', [''], 422, 'file-missing'],
    ['two files', [twoFiles], 422, 'file-missing'],
    ['not what it is said to be', ['text', { type: 'application/pdf' }], 415, 'file-type-wrong'],
    ['an archive that is a bomb', [Buffer.from(bomb)], 422, 'file-unsafe'],
    ['a broken form', ['x', { type: 'multipart/form-data; boundary=y' }], 400, 'malformed-request'],
  ])('%s', async (_, sent, status, code) => {
    const before = await rows();
    const answer = await upload(...sent);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(await rows()).toBe(before);
  });

  it('one that says nothing of its length and is too large', async () => {
    const before = await rows();
    const { write, socket, replies } = await rawConnection(house.url);
    await write('POST /v1/files HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
    const piece = `10000\r\n${'x'.repeat(65_536)}\r\n`;
    for (let sent = 0; sent < 40; sent += 1) await write(piece).catch(() => undefined);
    const [reply] = await replies();
    expect(reply?.statusCode).toBe(413);
    socket.destroy();
    expect(await rows()).toBe(before);
  });

  it('one whose client goes away', async () => {
    const before = await rows();
    const { write, socket } = await rawConnection(house.url);
    await write('POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1500000\r\n\r\n');
    await write(randomBytes(600_000));
    const trickle = trickling((bytes) => write(bytes));
    await until(async () => (await rows()) > before, { what: 'a part of it is there' }).finally(() => {
      clearInterval(trickle);
      socket.destroy();
    });
    await until(async () => (await rows()) === before, { what: 'nothing is left' });
    expect(await rows()).toBe(before);
  });

  it('one that stands still', async () => {
    const before = await rows();
    const { write, socket, replies } = await rawConnection(house.url);
    await write('POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1500000\r\n\r\n');
    await write(randomBytes(600_000));
    const [reply] = await replies(1, 90_000);
    expect(reply?.statusCode).toBe(408);
    expect(reply?.body).toContain('request-timed-out');
    socket.destroy();
    await until(async () => (await rows()) === before, { what: 'nothing is left' });
  });
});

it('an upload that brings a byte now and then does not keep its place', async () => {
  const before = await rows();
  const { write, socket, replies } = await rawConnection(house.url);
  await write('POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1500000\r\n\r\n');
  const trickle = setInterval(() => void write('x').catch(() => undefined), 100);
  try {
    const [reply] = await replies(1, 90_000);
    expect([reply?.statusCode, reply?.body]).toEqual([408, expect.stringContaining('bytes a second')]);
  } finally {
    clearInterval(trickle);
    socket.destroy();
  }
  await until(async () => (await rows()) === before, { what: 'nothing is left' });
});

describe('a file that no job was given', () => {
  it('goes after a day, and so does what is left of an upload', async () => {
    const lost = (await upload('lost')).body;
    expect(lost.expiresAt).not.toBeNull();
    await house.db.insertInto('files').values({ id: 'half', owner: 'nobody', sha256: null }).execute();
    const store = createFiles(house.db);
    expect(await store.removeOld()).toBe(0);
    expect((await download(lost.id)).status).toBe(200);
    await sql`update files set touched_at = now() - interval '25 hours'`.execute(house.db);
    let removed: number;
    do removed = await store.removeOld();
    while (removed > 0);
    expect((await download(lost.id)).status).toBe(404);
    expect(await rows()).toBe(0);
  });
});

// Behind the others, which have no key.
describe("another owner's file", () => {
  it('is not there: to read, to remove, to list, or to give to a job', async () => {
    const [{ headers: ann }, { headers: bob }] = await Promise.all([
      makeKey(house.db, 'ann'),
      makeKey(house.db, 'bob'),
    ]);
    // The API looks for keys every now and then.
    await until(async () => (await house.request('GET', '/v1/files')).status === 401, {
      what: 'the API asks for a key',
    });
    const { id } = (await upload('secret', { headers: ann })).body;
    expect((await download(id, ann)).status).toBe(200);
    expect((await download(id, bob)).status).toBe(404);
    expect((await download(id, bob, 'DELETE')).status).toBe(404);
    const listed = await house.request<StoredFileList>('GET', '/v1/files', undefined, bob);
    expect(listed.body.items).toEqual([]);
    const given = { type: 'readFiles', input: { files: [id] } };
    const { status, body } = await house.request<Failure>('POST', '/v1/jobs', given, bob);
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/input/files/0']);
  });
});

describe('an owner who has too many files that no job was given', () => {
  const stored = (owner: string, { files, bytes }: { files: number; bytes: number }) =>
    sql`
    insert into files (id, owner, size, stored_at)
    select ${owner} || n, ${owner}, ${bytes}, now() from generate_series(1, ${files}::integer) as n`.execute(
      house.db,
    );

  it.each([
    ['files', { files: mostFiles, bytes: 1 }],
    ['bytes', { files: 1, bytes: mostBytes }],
  ])('as %s, is told so, and goes on once a job has one', async (owner, has) => {
    const { headers } = await makeKey(house.db, owner);
    await stored(owner, has);
    // The API looks for keys every now and then.
    const known = async () => (await house.request('GET', '/v1/files', undefined, headers)).status === 200;
    await until(known, { what: 'the key is known' });
    const before = await rows();
    const refused = await upload('text', { headers });
    expect([refused.status, refused.body.code]).toEqual([413, 'unclaimed-files-full']);
    expect(refused.body.detail).toContain(`${has.files} files of ${has.files * has.bytes} bytes`);
    expect(await rows()).toBe(before);
    await sql`insert into file_jobs (file_id, job_id) values (${`${owner}1`}, 'job_any')`.execute(house.db);
    expect((await upload('text', { headers })).status).toBe(201);
  });

  it('gets no more by uploading several at once', async () => {
    const { headers } = await makeKey(house.db, 'at-once');
    await stored('at-once', { files: mostFiles - 3, bytes: 1 });
    const known = async () => (await house.request('GET', '/v1/files', undefined, headers)).status === 200;
    await until(known, { what: 'the key is known' });
    const answers = await Promise.all(Array.from({ length: 7 }, () => upload('text', { headers })));
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(3);
    expect(answers.filter(({ body }) => body.code === 'unclaimed-files-full')).toHaveLength(4);
  });

  it('keeps nothing of an upload during which another one has filled it', async () => {
    const { headers } = await makeKey(house.db, 'slowly');
    await stored('slowly', { files: 1, bytes: mostBytes - 4 });
    const known = async () => (await house.request('GET', '/v1/files', undefined, headers)).status === 200;
    await until(known, { what: 'the key is known' });
    const before = await rows();
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const slow = fetch(`${house.url}/v1/files`, { method: 'POST', headers, body: readable, duplex: 'half' });
    const writer = writable.getWriter();
    await writer.write(Buffer.from('a beginning'));
    const trickle = trickling((bytes) => writer.write(bytes));
    try {
      await until(async () => (await rows()) > before, { what: 'the slow upload has begun' });
      expect((await upload('text', { headers })).status).toBe(201);
    } finally {
      clearInterval(trickle);
    }
    await writer.close();
    const answer = await slow;
    expect([answer.status, ((await answer.json()) as Failure).code]).toEqual([413, 'unclaimed-files-full']);
    // Of the other one there are its row and its only piece.
    expect(await rows()).toBe(before + 2);
  });
});

it('an owner who uploads too often is told when to go on, and others go on', async () => {
  const [{ headers: cleo }, { headers: dora }] = await Promise.all([
    makeKey(house.db, 'cleo'),
    makeKey(house.db, 'dora'),
  ]);
  const answers = [];
  for (let sent = 0; sent <= uploadsAMinute; sent += 1) answers.push(await upload('text', { headers: cleo }));
  const refused = answers.find(({ status }) => status !== 201);
  expect(refused?.body).toMatchObject({ status: 429, code: 'rate-limited' });
  expect(Number(refused?.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused?.headers.get('ratelimit-policy')).toBe(`"upload";q=${uploadsAMinute};w=60`);
  expect((await upload('text', { headers: dora })).status).toBe(201);
  expect((await house.request('GET', '/v1/files', undefined, cleo)).status).toBe(200);
});

failOnLeftovers();
