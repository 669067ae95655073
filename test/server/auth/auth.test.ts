import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import pg from 'pg';
import { z } from 'zod';
import type { Job } from '../../../job-types/contract/job.js';
import { generateCv } from '../../../job-types/generate-cv.js';
import { Authenticator } from '../../../src/auth/authenticator.js';
import { addVersion } from '../../../store/documents.js';
import { upsertWords } from '../../../store/words.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey, type TestKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import type { OpenApiDocument, Operation } from '../../harness/openapi-document.js';
import { problemIn, type RawAnswer } from '../../harness/problem.js';
import { leastMs, nineInTenMs, promptMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS';
type Headers = Record<string, string>;

/** More than there are routes that submit. */
const submitLimit = 40;
const revokedWithinMs = promptMs;

/** The tests share a Temporal server, whose lists tell the jobs of an owner from every house. */
const owners = { anna: `anna-${randomUUID()}`, ben: `ben-${randomUUID()}` };

let house: House;
let document: OpenApiDocument;
let anna: TestKey;
let ben: TestKey;
let revoked: TestKey;
let jobOfAnna: string;
/** One that writes a CV, for the routes of a system that knows no other. */
let cvJobOfAnna: string;
let documentOfAnna = '1';

beforeAll(async () => {
  house = await openHouse({
    CORS_ORIGINS: 'https://app.example.org,http://localhost:8080',
    RATE_LIMIT_SUBMIT: String(submitLimit),
    RATE_LIMIT_READ: '100000',
    // Some routes are for operators alone: keys-api.test.ts has those whom they refuse.
    OPERATORS: owners.anna,
  });
  document = (await house.ask<OpenApiDocument>('GET', '/openapi.json')).body;
});
afterAll(async () => {
  await house.close();
});

const ask = (
  method: Method,
  url: string,
  { headers, payload }: { headers?: Headers; payload?: object } = {},
) => whileBusy(askOnce(method, url, { ...(headers && { headers }), ...(payload && { payload }) }), statusOf);

const statusOf = ({ statusCode }: RawAnswer): number => statusCode;
/** For who is to be told 503. */
const askOnce = (method: Method, url: string, options: { headers?: Headers; payload?: object }) => () =>
  house.api.inject({ method, url, ...options });

const submission = () => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
});

interface Route {
  name: string;
  method: Method;
  path: string;
  operation: Operation & { security?: unknown };
}

const routes = (): Route[] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase() as Method,
      path,
      operation,
    })),
  );
const isGuarded = ({ operation }: Route) => operation.security !== undefined;
const guarded = () => routes().filter(isGuarded);

/** Route, status and code of a refusal. The routes of another system say it in its form, which has no code. */
function refusalOf({ name, path }: Route, answer: RawAnswer): string {
  const code = path.startsWith('/v1/')
    ? problemIn(answer).code
    : ForeignRefusal.parse(JSON.parse(answer.body));
  return `${name} ${answer.statusCode} ${code}`;
}

const sentence = z.string().regex(/\w\./);
/** What the pages of other systems print. */
const ForeignRefusal = z.union([
  z.object({ detail: sentence }).transform(({ detail }) => detail),
  z.object({ data: z.object({ bot_response: sentence }) }).transform(({ data }) => data.bot_response),
]);
const refused = ({ name, path }: Route, status: number, code: string) =>
  path.startsWith('/v1/') ? `${name} ${status} ${code}` : expect.stringContaining(`${name} ${status} `);

/** Of something that this file has not made: who is told that it is not there has been let in. */
const isOfAThing = ({ path }: Route): boolean =>
  /\{(documentId|keyId|wordId|word_id|theme|conversation|subject|fileId|chat|name)\}|^\/chat\/|\/result\/\{id\}$/.test(
    path,
  );

/** The address of a route, and a body that it reads. */
const requestTo = ({ method, path }: Route, id: string): [Method, string, { payload?: object }] => [
  method,
  path
    .replace('{type}', 'extractArticle')
    .replace('{documentId}', documentOfAnna)
    .replace(/\{\w+\}/, id === jobOfAnna && path.startsWith('/generate/') ? cvJobOfAnna : id),
  method === 'GET' ? {} : { payload: {} },
];

describe('the OpenAPI document', () => {
  it('says which routes take a key: all but those that operate the house', () => {
    expect(guarded().length).toBeGreaterThan(7);
    const open = routes().filter((route) => !isGuarded(route));
    expect(open.filter(({ path }) => /^\/(v1|api)\//.test(path))).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('x-open');
    expect(document.components).toMatchObject({ securitySchemes: { apiKey: { scheme: 'bearer' } } });
    for (const { operation } of guarded()) {
      expect(Object.keys(operation.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '429']));
    }
  });
});

describe('without any key', () => {
  it('everything belongs to the owner local', async () => {
    const job = await house.submit();
    expect(job.owner).toBe('local');
    expect((await ask('GET', '/v1/words', { headers: { authorization: 'Bearer sk-any' } })).statusCode).toBe(
      200,
    );
  });

  it('every route refuses a Host that is not this machine, and a page of another site', async () => {
    for (const route of guarded()) {
      const [method, url, options] = requestTo(route, 'nope');
      for (const headers of [
        { host: 'rebound.example' },
        { host: 'localhost', origin: 'https://evil.example' },
      ] as Headers[]) {
        const answer = await ask(method, url, { ...options, headers });
        expect(refusalOf(route, answer)).toEqual(refused(route, 403, 'host-refused'));
      }
    }
  });

  it('a probe may use any Host', async () => {
    expect((await ask('GET', '/healthz', { headers: { host: 'pod.example' } })).statusCode).toBe(200);
  });

  it('refuses a key in the address, before anybody has made one', async () => {
    const key = `lh_0123456789ab_${'x'.repeat(43)}`;
    const encoded = key.replaceAll('_', '%5F').replace('l', '%6c');
    for (const url of [`/v1/jobs?api_key=${key}`, `/v1/words?x=${encoded}`, `/v1/jobs/${key}`]) {
      const problem = problemIn(await ask('GET', url));
      expect(problem).toMatchObject({ status: 400, code: 'key-in-url' });
      expect(JSON.stringify(problem)).not.toContain('xxxxx');
    }
  });
});

describe('CORS', () => {
  const exposes = ['Location', 'Retry-After', 'ETag', 'RateLimit', 'RateLimit-Policy'];

  it.each(['https://app.example.org', 'http://localhost:8080'])(
    'lets pages of %s read answers',
    async (origin) => {
      const answer = await ask('GET', '/v1/jobs/nope', { headers: { host: 'localhost', origin } });
      expect(answer.statusCode).toBe(404);
      expect(answer.headers['access-control-allow-origin']).toBe(origin);
      expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
      expect(answer.headers.vary).toContain('Origin');
      const exposed = String(answer.headers['access-control-expose-headers']).split(', ');
      expect(exposed).toEqual(
        expect.arrayContaining([...exposes, 'Idempotency-Replayed', 'Preference-Applied']),
      );
    },
  );

  it('answers the preflight of a submit, without a key', async () => {
    const headers = {
      origin: 'https://app.example.org',
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type,idempotency-key,prefer',
    };
    const answer = await ask('OPTIONS', '/v1/jobs', { headers });
    expect(answer.statusCode).toBe(204);
    expect(answer.headers['access-control-allow-origin']).toBe(headers.origin);
    const allowed = String(answer.headers['access-control-allow-headers']).toLowerCase().split(', ');
    expect(allowed).toEqual(expect.arrayContaining(headers['access-control-request-headers'].split(',')));
  });

  it('answers the preflight of an upload with a form, and of what removes a file', async () => {
    for (const [method, path] of [
      ['POST', '/v1/files'],
      ['DELETE', '/v1/files/file_1'],
    ] as const) {
      const headers = {
        origin: 'https://app.example.org',
        'access-control-request-method': method,
        'access-control-request-headers': 'authorization,content-type',
      };
      const answer = await ask('OPTIONS', path, { headers });
      expect(answer.statusCode).toBe(204);
      expect(String(answer.headers['access-control-allow-methods']).split(', ')).toContain(method);
    }
  });

  it.each([
    ...[
      'null',
      '*',
      'https://evil.example',
      'https://app.example.org.evil.example',
      'http://app.example.org',
    ],
    ...['https://app.example.org:8443', 'https://evilapp.example.org', 'https://app.example.org/'],
    ...['https://APP.example.org', 'https://app.example.org@evil.example', 'http://localhost:80801'],
  ])('tells a browser nothing for %s', async (origin) => {
    const preflight = { 'access-control-request-method': 'POST' };
    for (const [method, extra] of [
      ['GET', {}],
      ['OPTIONS', preflight],
    ] as [Method, Headers][]) {
      const { headers } = await ask(method, '/v1/jobs', { headers: { host: 'localhost', origin, ...extra } });
      expect(headers['access-control-allow-origin']).toBeUndefined();
    }
  });
});

describe('once there is a key', () => {
  beforeAll(async () => {
    [anna, ben, revoked] = await Promise.all([
      makeKey(house.db, owners.anna),
      makeKey(house.db, owners.ben),
      makeKey(house.db, owners.anna),
    ]);
    await revoked.revoke();
    await until(async () => (await ask('GET', '/v1/jobs')).statusCode === 401, {
      what: 'a key is asked for',
    });
    const answer = await ask('POST', '/v1/jobs', { headers: anna.headers, payload: submission() });
    if (answer.statusCode !== 202) throw new Error(`The submit was answered ${answer.body}`);
    jobOfAnna = answer.json<Job>().id;
    const order = { type: 'generateCv', input: generateCv.example };
    cvJobOfAnna = (await ask('POST', '/v1/jobs', { headers: anna.headers, payload: order })).json<Job>().id;
  });

  /** Anew for each test: some of the routes delete it. */
  beforeEach(async () => {
    const text = {
      owner: owners.anna,
      applicationId: '1',
      kind: 'cv',
      title: 'CV',
      markdown: '# CV',
    } as const;
    const { documentId } = await house.db
      .transaction()
      .execute((trx) => addVersion(trx, { ...text, provider: 'rules', notes: [], jobId: cvJobOfAnna }));
    documentOfAnna = documentId;
  });

  it('every route refuses whoever has none that is valid', async () => {
    const unknown = `lh_0123456789ab_${'x'.repeat(43)}`;
    const callers: Record<string, Headers> = {
      'no key': {},
      'an empty key': { authorization: 'Bearer ' },
      'another scheme': { authorization: `Basic ${anna.key}` },
      'no scheme': { authorization: anna.key },
      'a malformed key': { authorization: 'Bearer lh_' },
      'a key cut short': { authorization: `Bearer ${anna.key.slice(0, -1)}` },
      'two keys': { authorization: `Bearer ${anna.key} ${anna.key}` },
      'an unknown key': { authorization: `Bearer ${unknown}` },
      'the right id with a wrong secret': {
        authorization: `Bearer ${anna.key.slice(0, 16)}${ben.key.slice(16)}`,
      },
      'a revoked key': revoked.headers,
      'a key in a cookie': { cookie: `key=${anna.key}` },
    };
    for (const route of guarded()) {
      for (const [caller, headers] of Object.entries(callers)) {
        const [method, url, options] = requestTo(route, jobOfAnna);
        const answer = await ask(method, url, { ...options, headers });
        expect([caller, answer.statusCode]).toEqual([caller, 401]);
        expect(refusalOf(route, answer)).toEqual(refused(route, 401, 'unauthenticated'));
        expect(answer.headers['www-authenticate']).toMatch(/^Bearer realm="longhaul"/);
        expect(answer.body).not.toContain(anna.key.slice(16));
      }
    }
  });

  it('every route refuses a key in the address, even beside a valid one', async () => {
    for (const route of guarded()) {
      const [method, url, options] = requestTo(route, jobOfAnna);
      const answer = await ask(method, `${url}?key=${anna.key}`, { ...options, headers: anna.headers });
      expect(refusalOf(route, answer)).toEqual(refused(route, 400, 'key-in-url'));
    }
  });

  it('every route lets a valid key in, and the Host does not matter any more', async () => {
    for (const route of guarded()) {
      const [method, url, options] = requestTo(route, jobOfAnna);
      const headers = { ...anna.headers, host: 'longhaul.example' };
      const answer = await ask(method, url, { ...options, headers });
      const shut = [401, 403, 429, 500, ...(isOfAThing(route) ? [] : [404])];
      expect([route.name, shut.includes(answer.statusCode)]).toEqual([route.name, false]);
    }
  });

  it('the job of another owner answers on every route exactly as one that does not exist', async () => {
    const unknown = jobOfAnna.replace(/.$/, (last) => (last === '0' ? '1' : '0'));
    const ofOneJob = guarded().filter(({ path }) => path.includes('{id}'));
    expect(ofOneJob.length).toBeGreaterThan(2);
    for (const route of ofOneJob) {
      const [foreign, missing] = await Promise.all(
        [jobOfAnna, unknown].map(async (id) => {
          const [method, url, options] = requestTo(route, id);
          const answer = await ask(method, url, { ...options, headers: ben.headers });
          // Which request it was, and when, is in some answers.
          const body = answer.body.replaceAll(/"(request_id|requested_time)":"[^"]*"/g, '');
          return { status: answer.statusCode, body: body.replaceAll(id, '<id>') };
        }),
      );
      expect([route.name, foreign]).toEqual([route.name, missing]);
    }
    const own = await ask('GET', `/v1/jobs/${jobOfAnna}`, { headers: anna.headers });
    expect(own.json()).toMatchObject({ id: jobOfAnna, owner: owners.anna });
    const read = await ask('GET', `/v1/jobs/${jobOfAnna}`, { headers: ben.headers });
    expect(problemIn(read)).toMatchObject({ status: 404, code: 'job-not-found' });
  });

  it('a document of another owner answers on every route exactly as one that does not exist', async () => {
    const ofOneDocument = guarded()
      .filter(({ path }) => path.includes('{documentId}'))
      // What is deleted is not there for the others.
      .toSorted((one, other) => Number(one.method === 'DELETE') - Number(other.method === 'DELETE'));
    expect(ofOneDocument.length).toBeGreaterThan(2);
    for (const { name, method, path } of ofOneDocument) {
      const [own, foreign, missing] = await Promise.all(
        [
          { id: documentOfAnna, headers: anna.headers },
          { id: documentOfAnna, headers: ben.headers },
          { id: '999999', headers: ben.headers },
        ].map(async ({ id, headers }) => {
          const payload = method === 'PUT' ? { payload: { markdown: '# Mine' } } : {};
          const answer = await ask(method, path.replace('{documentId}', id), { headers, ...payload });
          return { status: answer.statusCode, body: answer.body };
        }),
      );
      expect([name, own?.status]).toEqual([name, 200]);
      expect([name, foreign]).toEqual([name, missing]);
    }
  });

  it('a key as the password of HTTP Basic counts, under any name and from any host', async () => {
    const basic = (credentials: string) => ({
      authorization: `Basic ${Buffer.from(credentials).toString('base64')}`,
      host: 'ai-assistant:8084',
    });
    const status = async (credentials: string) =>
      (await ask('GET', `/generate/status/${cvJobOfAnna}`, { headers: basic(credentials) })).statusCode;
    expect(await status(`x:${anna.key}`)).toBe(200);
    expect(await status(`:${anna.key}`)).toBe(200);
    expect(await status(`x:${ben.key}`)).toBe(404);
    for (const wrong of [anna.key, `${anna.key}:`, `x:${anna.key}.`, 'x:', ':', `x:${revoked.key}`]) {
      expect(await status(wrong)).toBe(401);
    }
  });

  it('lists show an owner its own', async () => {
    await house.db.transaction().execute((trx) =>
      upsertWords(trx, {
        owner: owners.anna,
        jobId: jobOfAnna,
        sourceLang: 'es',
        targetLang: 'fr',
        theme: 'el_pais',
        sourceUrl: 'https://example.org/',
        words: [
          { word: 'casa', lemma: null, partOfSpeech: null, gender: null, translation: null, examples: [] },
        ],
      }),
    );
    const wordsOf = async ({ headers }: TestKey) =>
      (await ask('GET', '/v1/words', { headers })).json<{ items: object[] }>().items.length;
    expect([await wordsOf(anna), await wordsOf(ben)]).toEqual([1, 0]);
    const jobsOf = async ({ headers }: TestKey) =>
      (await ask('GET', '/v1/jobs', { headers }))
        .json<{ items: { id: string }[] }>()
        .items.map(({ id }) => id);
    await until(async () => (await jobsOf(anna)).includes(jobOfAnna), { what: 'visibility knows the job' });
    expect(await jobsOf(ben)).toEqual([]);
  });

  it('probes and the pages about the API stay open', async () => {
    for (const url of ['/healthz', '/readyz', '/problems/unauthenticated', '/openapi.json', '/docs']) {
      expect([url, (await ask('GET', url)).statusCode]).toEqual([url, 200]);
    }
  });

  it('its last use is noted, and nothing in the database holds it', async () => {
    const lastUse = () =>
      house.db.selectFrom('api_keys').select('last_used_at').where('id', '=', anna.id).executeTakeFirst();
    await until(async () => (await lastUse())?.last_used_at, { what: 'the use is noted' });
    const dump = await everythingIn(house);
    expect(dump).toContain(anna.id);
    const secret = anna.key.slice(16);
    for (const form of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret).toString('base64'),
    ]) {
      expect(dump).not.toContain(form);
    }
    expect(dump).not.toContain(Buffer.from(secret, 'base64url').toString('hex'));
  });
});

/** Every row of every table, as text. */
async function everythingIn({ db }: House): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables where table_schema = 'public'`.execute(db);
  const texts = await Promise.all(
    tables.map(async ({ name }) => {
      const { rows } = await sql<{
        row: unknown;
      }>`select to_jsonb(t) as row from ${sql.table(name)} t`.execute(db);
      return JSON.stringify(rows);
    }),
  );
  expect(texts.length).toBeGreaterThan(7);
  return texts.join('\n');
}

describe('a revocation', () => {
  it('is soon felt, by requests and by what asks for an open stream', async () => {
    const feltMs = async (): Promise<number> => {
      const key = await makeKey(house.db, 'carla');
      const status = async () => (await ask('GET', '/v1/job-types', { headers: key.headers })).statusCode;
      await until(async () => (await status()) === 200, { what: 'the key works' });
      const authenticator = house.api.get(Authenticator);
      expect(await authenticator.stillValid(key.id)).toBe(true);
      await key.revoke();
      const at = performance.now();
      await until(async () => (await status()) === 401, { what: 'the key is refused' });
      await until(async () => !(await authenticator.stillValid(key.id)), {
        what: 'the stream may not go on',
      });
      return performance.now() - at;
    };
    expect(await leastMs(revokedWithinMs, feltMs)).toBeLessThan(revokedWithinMs);
  });

  it('of the only key does not open the API again', async () => {
    expect(await house.api.get(Authenticator).stillValid(null)).toBe(false);
  });
});

describe('with the database frozen', () => {
  let release: () => Promise<void>;

  beforeAll(async () => {
    const client = new pg.Client({ connectionString: house.env['DATABASE_URL'] });
    await client.connect();
    await ask('GET', '/v1/job-types', { headers: anna.headers });
    await client.query('begin');
    await client.query('lock table api_keys in access exclusive mode');
    release = async () => {
      await client.query('commit');
      await client.end();
    };
  });
  afterAll(() => release());

  it('a key that has just been valid goes on working', async () => {
    const end = performance.now() + 1_500;
    const each: number[] = [];
    while (performance.now() < end || each.length < 40) {
      const asked = performance.now();
      const { statusCode } = await askOnce('GET', '/v1/job-types', { headers: anna.headers })();
      expect(statusCode).toBe(200);
      each.push(performance.now() - asked);
    }
    // Who asks the database meanwhile waits for half a second, and the others do not.
    expect(nineInTenMs(each)).toBeLessThan(400);
    expect(await house.api.get(Authenticator).stillValid(anna.id)).toBe(true);
  });

  it('another is told to come back', async () => {
    const stranger = { authorization: `Bearer lh_ba9876543210_${'x'.repeat(43)}` };
    const answer = await askOnce('GET', '/v1/job-types', { headers: stranger })();
    expect(problemIn(answer)).toMatchObject({ status: 503, code: 'storage-unavailable' });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  });
});

describe('the limits of an owner', () => {
  let busy: TestKey;
  beforeAll(async () => {
    busy = await makeKey(house.db, 'busy');
  });
  const submit = (key: TestKey) => ask('POST', '/v1/jobs', { headers: key.headers, payload: {} });

  it('are told with every answer, refused ones included, and kept', async () => {
    for (let left = submitLimit - 1; left >= 0; left--) {
      const { statusCode, headers } = await submit(busy);
      expect(statusCode).toBe(422);
      expect(headers['ratelimit-policy']).toBe(`"submit";q=${submitLimit};w=60`);
      const [, remaining, reset] = /^"submit";r=(\d+);t=(\d+)$/.exec(String(headers['ratelimit'])) ?? [];
      expect(Number(remaining)).toBe(left);
      expect(Number(reset)).toBeLessThanOrEqual(60);
    }
    const answer = await submit(busy);
    expect(problemIn(answer)).toMatchObject({ status: 429, code: 'rate-limited', retryable: true });
    const wait = Number(answer.headers['retry-after']);
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(60);
    expect(answer.headers['ratelimit']).toBe(`"submit";r=0;t=${wait}`);
  });

  it('are separate for each kind of request', async () => {
    const answer = await ask('GET', '/v1/jobs', { headers: busy.headers });
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['ratelimit-policy']).toMatch(/^"read";q=\d+;w=60$/);
  });

  it('are not those of another owner, nor of the open routes', async () => {
    expect((await submit(ben)).statusCode).toBe(422);
    expect((await ask('GET', '/healthz')).headers).not.toHaveProperty('ratelimit');
  });
});

failOnLeftovers();
