import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import type { OpenApiDocument } from '../../harness/openapi-document.js';
import { requestCase, sendRaw } from '../../harness/raw-connection.js';
import { root } from '../../harness/repository.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const json = { 'content-type': 'application/json' };

const post = (url: string, payload: string | Buffer, headers: Record<string, string> = json) =>
  whileBusy(
    () => house.api.inject({ method: 'POST', url, payload, headers }),
    ({ statusCode }) => statusCode,
  );

/** A submit that starts nothing. */
const submission = (more: Record<string, unknown> = {}, input: Record<string, unknown> = {}) => ({
  type: 'extractArticle',
  input: { url: 'https://example.org/', sourceLang: 'es', targetLang: 'fr', ...input },
  validateOnly: true,
  ...more,
});

const withBody = ['/v1/jobs', '/v1/jobs/nope/cancel', '/v1/jobs/nope/input', '/api/articles/extract'];
const withoutBody = ['/v1/jobs/nope/cancel', '/v1/jobs/nope/retry', '/v1/jobs/nope/rerun'];

describe('a POST without a body says nothing, whatever type it names', () => {
  const types = ['application/json', 'application/x-www-form-urlencoded', 'text/plain', 'nonsense'];

  it.each(withoutBody)('%s', async (path) => {
    for (const type of types) {
      const head = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${type}\r\n`;
      for (const length of ['', 'Content-Length: 0\r\n']) {
        const [reply] = await sendRaw(house.url, [`${head}${length}\r\n`]);
        expect([type, length, reply && problemIn(reply).code]).toEqual([type, length, 'job-not-found']);
      }
    }
    const chunked = `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`;
    const [reply] = await sendRaw(house.url, [chunked]);
    expect(reply && problemIn(reply).code).toBe('job-not-found');
  });

  it('cancels', async () => {
    const { id } = await house.submit();
    const [reply] = await sendRaw(house.url, [requestCase('a01-cancel-without-body.request', { JOB: id })]);
    expect([200, 202]).toContain(reply?.statusCode);
    await house.jobWhen(id, 'the job is cancelled', ({ status }) => status === 'cancelled');
  });

  it('is still no submit', async () => {
    expect(problemIn(await post('/v1/jobs', '')).status).toBe(422);
  });
});

describe('JSON that is not UTF-8 is refused, and nothing of it is guessed', () => {
  const text = JSON.stringify(submission({}, { prompt: 'ñ' }));
  const bytes = (hex: string) =>
    Buffer.concat([Buffer.from('{"type": "'), Buffer.from(hex, 'hex'), Buffer.from('"}')]);

  it.each<[string, Buffer]>([
    ['Latin-1', Buffer.from(text, 'latin1')],
    ['the review of a case', readFileSync(join(root, 'test/cases/a02-latin1-review.json'))],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['a character that is cut', bytes('f09f98')],
    ['half a surrogate pair', bytes('eda0bd')],
    ['a slash in two bytes', bytes('c0af')],
    ['a character beyond the last', bytes('f5808080')],
  ])('%s', async (_, body) => {
    for (const path of withBody) {
      expect(problemIn(await post(path, body))).toMatchObject({ status: 400, code: 'malformed-json' });
    }
  });

  it('UTF-8 is taken with a byte order mark and without, whatever charset is named', async () => {
    for (const body of [Buffer.from(text), Buffer.from(`\ufeff${text}`)]) {
      const answer = await post('/v1/jobs', body, { 'content-type': 'application/json; charset=iso-8859-1' });
      expect([answer.statusCode, answer.json()]).toMatchObject([200, { input: { prompt: 'ñ' } }]);
    }
  });
});

describe('a compressed body', () => {
  const body = Buffer.from(JSON.stringify(submission()));

  it.each<[string, Buffer]>([
    ['gzip', gzipSync(body)],
    ['x-gzip', gzipSync(body)],
    ['deflate', deflateSync(body)],
    ['br', brotliCompressSync(body)],
    ['gzip, identity', gzipSync(body)],
    ['UTF-8', body],
  ])('(%s) is refused as one', async (coding, compressed) => {
    for (const path of withBody) {
      const answer = await post(path, compressed, { ...json, 'content-encoding': coding });
      const problem = problemIn(answer);
      expect(problem).toMatchObject({ status: 415, code: 'unsupported-media-type' });
      expect(problem.detail).toMatch(/compressed/);
      expect(answer.headers['accept-encoding']).toBe('identity');
    }
  });

  it('that is none is read', async () => {
    const answer = await post('/v1/jobs', body, { ...json, 'content-encoding': 'identity' });
    expect(answer.statusCode).toBe(200);
    const none = await house.api.inject({
      method: 'GET',
      url: '/healthz',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(none.statusCode).toBe(200);
  });
});

describe('JSON nested deeper than anything has fields is refused, pointing into it', () => {
  const nested = (levels: number, [open, close]: readonly [string, string]) =>
    open.repeat(levels) + close.repeat(levels);
  const shapes = [
    ['[', ']'],
    ['{"a":', '}'],
    ['[{"a":', '}]'],
  ] as const;
  /** The body with the text of a value in the place of "HERE". */
  const holding = (body: unknown, value: string) => JSON.stringify(body).replace('"HERE"', () => value);
  const places: [string, string, unknown, string][] = [
    ['the body', '/v1/jobs', 'HERE', ''],
    ['the input', '/v1/jobs', { ...submission(), input: 'HERE' }, '/input'],
    ['a field of the input', '/v1/jobs', submission({}, { url: 'HERE' }), '/input/url'],
    ['an unknown field', '/v1/jobs', submission({ 'a/b': 'HERE' }), '/a~1b'],
    ['metadata', '/v1/jobs', submission({ metadata: 'HERE' }), '/metadata'],
    ['an entry of the metadata', '/v1/jobs', submission({ metadata: { a: 'HERE' } }), '/metadata/a'],
    ['a schema', '/v1/jobs', { type: 'ask', input: { prompt: 'a', schema: 'HERE' } }, '/input/schema'],
    ['an answer', '/v1/jobs/nope/input', { name: 'review', value: 'HERE' }, '/value'],
    ['a cancel', '/v1/jobs/nope/cancel', { reason: 'HERE' }, '/reason'],
    ['a retry', '/v1/jobs/nope/retry', 'HERE', ''],
    ['a task of another system', '/api/articles/extract', { url: 'HERE' }, '/url'],
  ];

  it.each(places)('%s', async (_, path, body, pointer) => {
    for (const shape of shapes) {
      for (const levels of [101, 3_000, Math.floor(1_000_000 / shape.join('').length)]) {
        const text = holding(body, nested(levels, shape).replace('"a":}', '"a":1}'));
        for (const headers of [json, { ...json, 'idempotency-key': randomUUID() }]) {
          const problem = problemIn(await post(path, text, headers));
          expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
          expect(pointersOf(problem)).toEqual([expect.stringMatching(`^${pointer}/`)]);
        }
      }
    }
  });

  it('what is less deep is judged by what the field is', async () => {
    const deep = JSON.stringify({ name: 'review', value: 'HERE' }).replace('"HERE"', nested(98, ['[', ']']));
    expect(problemIn(await post('/v1/jobs/nope/input', deep)).code).toBe('job-not-found');
  });
});

it('every route that takes a body refuses one that nobody could mean, and says why', async () => {
  const { body: document } = await house.request<OpenApiDocument>('GET', '/openapi.json');
  const taking = Object.entries(document.paths)
    // There, any body is a file.
    .filter(([path]) => path !== '/v1/files' && !path.endsWith('/upload'))
    .flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, { requestBody }]) => (requestBody ? [{ path, method }] : [])),
    );
  expect(taking.length).toBeGreaterThan(20);
  const bodies: [what: string, payload: Buffer, headers: Record<string, string>, status: number][] = [
    ['nested', Buffer.from(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`), {}, 422],
    ['Latin-1', Buffer.from('{"a": "ñ"}', 'latin1'), {}, 400],
    ['compressed', gzipSync('{}'), { 'content-encoding': 'gzip' }, 415],
    ['too large', Buffer.alloc(13_000_000, 0x20), {}, 413],
    ['of another type', Buffer.from('<a/>'), { 'content-type': 'application/xml' }, 415],
  ];
  const answers: unknown[] = [];
  await house.request('POST', '/api/v1/chat/bot/conversations', { chat_id: '1' });
  for (const { path, method } of taking) {
    const url = path.replaceAll(/\{\w+\}/g, '1');
    // Its clients send JSON without saying so, and show what the bot says.
    const isChat = path.startsWith('/api/v1/chat/');
    for (const [what, payload, headers, usual] of bodies) {
      const status = isChat && what === 'of another type' ? 400 : usual;
      const answer = await house.api.inject({
        method: method.toUpperCase() as 'POST' | 'PUT' | 'PATCH',
        url,
        payload,
        headers: { ...json, ...headers },
      });
      const body = answer.json<{ detail?: unknown; data?: { bot_response?: unknown } }>();
      // Pages of other systems print what stands there.
      const detail = isChat ? body.data?.bot_response : body.detail;
      if (answer.statusCode !== status || typeof detail !== 'string')
        answers.push([method, path, what, answer.statusCode, detail]);
    }
  }
  expect(answers).toEqual([]);
});

failOnLeftovers();
