import { once } from 'node:events';
import { request as ask } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { openStream, type EventStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey, type TestKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

type Headers = Record<string, string>;

let house: House;
let anna: TestKey;
let jobOfAnna: string;
const streams: EventStream[] = [];
const sockets: WebSocket[] = [];

beforeAll(async () => {
  house = await openHouse({ RATE_LIMIT_STREAM: '0' });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.cut();
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(() => house.close());

const inject = (method: 'GET' | 'POST' | 'DELETE', url: string, headers: Headers = {}, payload?: object) =>
  whileBusy(
    () => house.api.inject({ method, url, headers, ...(payload && { payload }) }),
    ({ statusCode }) => statusCode,
  );

/** Light-my-request names this host where nothing else is named. */
const host = 'localhost:80';
const ownPage = { host, origin: 'http://localhost' };

/** The header by which a browser shows the session that a key was exchanged for. */
async function sessionOf(key: TestKey): Promise<{ cookie: string }> {
  const answer = await inject('POST', '/v1/session', key.headers);
  expect([answer.statusCode, answer.body]).toEqual([204, '']);
  return { cookie: String(answer.headers['set-cookie']).split(';')[0] ?? '' };
}

const statusOf = async (headers: Headers) => (await inject('GET', '/v1/session', headers)).statusCode;

const submission = () => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
});

const watch = async (id: string, headers: Headers): Promise<EventStream> => {
  const open = async () => {
    const stream = await openStream(`${house.url}/v1/jobs/${id}/events`, { headers });
    streams.push(stream);
    return stream;
  };
  return whileBusy(open, ({ status }) => status);
};

const openSocket = async (headers: Headers): Promise<WebSocket> => {
  const open = async () => {
    const socket = new WebSocket(`${house.url.replace(/^http/, 'ws')}/v1/events`, { headers });
    sockets.push(socket);
    const refusal = await once(socket, 'open').then(
      () => null,
      (error: Error) => error,
    );
    return { socket, refusal };
  };
  const isBusy = (refusal: Error | null) => refusal?.message.endsWith('503') === true;
  const { socket, refusal } = await whileBusy(open, (opened) => (isBusy(opened.refusal) ? 503 : 101));
  if (refusal) throw refusal;
  return socket;
};

/** How an upgrade is refused. */
const upgradeRefusal = (headers: Headers): Promise<string> =>
  whileBusy(
    () => upgradeOnce(headers),
    (answer) => Number(answer.slice(0, 3)),
  );

const upgradeOnce = (headers: Headers): Promise<string> =>
  new Promise((resolve, reject) => {
    const upgrade = {
      ...{ connection: 'Upgrade', upgrade: 'websocket' },
      ...{ 'sec-websocket-version': '13', 'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==' },
    };
    const asked = ask(`${house.url}/v1/events`, { headers: { ...upgrade, ...headers } });
    asked.on('upgrade', (_, socket) => {
      socket.destroy();
      resolve('101');
    });
    asked.on('response', (answer) => {
      let body = '';
      answer.on('data', (data: Buffer) => (body += data.toString()));
      answer.on('end', () => resolve(`${answer.statusCode} ${(JSON.parse(body) as Failure).code}`));
    });
    asked.on('error', reject);
    asked.end();
  });

it('without keys there is nothing to exchange, and the page is told whose it is', async () => {
  expect(problemIn(await inject('POST', '/v1/session'))).toMatchObject({
    status: 409,
    code: 'session-needs-key',
  });
  const told = await inject('GET', '/v1/session', { cookie: 'longhaul_session=of-another-time' });
  expect(told.json()).toEqual({ owner: 'local', keyId: null, expiresAt: null });
  expect((await inject('DELETE', '/v1/session')).statusCode).toBe(204);
});

describe('a key', () => {
  beforeAll(async () => {
    anna = await makeKey(house.db, 'anna');
    await until(async () => (await statusOf({})) === 401, { what: 'a key is asked for' });
    jobOfAnna = (await inject('POST', '/v1/jobs', anna.headers, submission())).json<Job>().id;
  });

  it('is exchanged for a cookie that no script reads, for a time that has an end', async () => {
    const answer = await inject('POST', '/v1/session', anna.headers);
    const cookie = String(answer.headers['set-cookie']);
    expect(cookie).toMatch(/^longhaul_session=lhs_[0-9a-f]{12}_[\w-]{43}; /);
    const marks = cookie.split('; ').slice(1).toSorted();
    expect(marks).toEqual(['HttpOnly', 'Max-Age=43200', 'Path=/', 'SameSite=Strict']);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(cookie).not.toContain(anna.key.slice(16));
    const told = await inject('GET', '/v1/session', { cookie: cookie.split(';')[0] ?? '' });
    const { expiresAt, ...whose } = told.json<{ expiresAt: string }>();
    expect(whose).toEqual({ owner: 'anna', keyId: anna.id });
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 43_200_000)).toBeLessThan(120_000);
    const rows = await house.db.selectFrom('passes').selectAll().execute();
    const [, secret = ''] = /lhs_[0-9a-f]{12}_([\w-]{43})/.exec(cookie) ?? [];
    expect(secret).not.toBe('');
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it.each([{ origin: 'https://longhaul.example' }, { 'x-forwarded-proto': 'https' }] as Headers[])(
    'is for https alone where the page is served over that: %j',
    async (headers) => {
      const answer = await inject('POST', '/v1/session', { ...anna.headers, ...headers });
      const cookie = String(answer.headers['set-cookie']);
      expect(cookie).toMatch(/^__Host-longhaul_session=.*; Secure/);
      expect(await statusOf({ cookie: cookie.split(';')[0] ?? '' })).toBe(200);
    },
  );

  it('is not read there from the name that another host of the domain could set', async () => {
    const session = await sessionOf(anna);
    expect(await statusOf(session)).toBe(200);
    expect(await statusOf({ ...session, 'x-forwarded-proto': 'https' })).toBe(401);
  });

  it('no other session is opened with one, and none with a wrong key', async () => {
    const session = await sessionOf(anna);
    const again = await inject('POST', '/v1/session', { ...session, ...ownPage });
    expect(problemIn(again).code).toBe('session-needs-key');
    const wrong = await inject('POST', '/v1/session', { authorization: `Bearer ${anna.key.slice(0, -1)}_` });
    expect([wrong.statusCode, wrong.headers['set-cookie']]).toEqual([401, undefined]);
  });

  it('a session does what its key does, streams and sockets included, and no more', async () => {
    const session = await sessionOf(anna);
    const submitted = await inject('POST', '/v1/jobs', { ...session, ...ownPage }, submission());
    expect(submitted.statusCode).toBe(202);
    expect(submitted.json()).toMatchObject({ owner: 'anna' });
    expect((await watch(jobOfAnna, session)).status).toBe(200);
    const socket = await openSocket({ ...session, origin: house.url });
    socket.send(JSON.stringify({ subscribe: [{ job: jobOfAnna }] }));
    const ben = await sessionOf(await makeKey(house.db, 'ben'));
    expect((await inject('GET', `/v1/jobs/${jobOfAnna}`, ben)).statusCode).toBe(404);
    expect((await inject('GET', `/v1/jobs/${jobOfAnna}`, session)).statusCode).toBe(200);
  });

  it.each<[string, Headers]>([
    ['of another site', { host, origin: 'https://evil.example' }],
    ['of another port of this machine', { host, origin: 'http://localhost:8080' }],
    ['of a name that begins like ours', { host, origin: 'http://localhost.evil.example' }],
    ['that hides its origin', { host, origin: 'null' }],
    ['that names none', { host }],
    ['that the browser says is another', { ...ownPage, 'sec-fetch-site': 'same-site' }],
    ['that the browser says is far away', { ...ownPage, 'sec-fetch-site': 'cross-site' }],
  ])('a page %s changes nothing with the session', async (_, headers) => {
    const session = await sessionOf(anna);
    for (const [method, url] of [
      ['POST', '/v1/jobs'],
      ['POST', `/v1/jobs/${jobOfAnna}/cancel`],
      ['DELETE', '/v1/session'],
    ] as const) {
      const answer = await inject(method, url, { ...session, ...headers });
      expect(problemIn(answer)).toMatchObject({ status: 403, code: 'foreign-origin' });
    }
    // What it asks of a WebSocket comes with the host that it is opened at.
    const { host: _host, ...others } = headers;
    const atPort = others['origin'] === ownPage.origin ? { ...others, origin: house.url } : others;
    expect(await upgradeRefusal({ ...session, ...atPort })).toBe('403 foreign-origin');
    expect(await statusOf(session)).toBe(200);
  });

  it('the page itself changes what it likes, behind a proxy too that names another host', async () => {
    const session = await sessionOf(anna);
    const behind = {
      host: '10.0.0.7:3000',
      origin: 'https://longhaul.example',
      'sec-fetch-site': 'same-origin',
    };
    for (const headers of [ownPage, behind]) {
      const cancelled = await inject('POST', '/v1/jobs/nope/cancel', { ...session, ...headers });
      expect(problemIn(cancelled).code).toBe('job-not-found');
    }
    expect(await upgradeRefusal({ ...session, origin: house.url })).toBe('101');
  });

  it('a session that was not given out is none', async () => {
    const [{ cookie }, other] = await Promise.all([sessionOf(anna), sessionOf(anna)]);
    const id = 'longhaul_session=lhs_'.length + 12;
    for (const forged of [
      '',
      cookie.slice(0, -1),
      `${cookie.slice(0, id)}${other.cookie.slice(id)}`,
      cookie.replace('lhs_', 'lht_'),
      cookie.replace('lhs_', 'lh_'),
      `longhaul_session=${anna.key}`,
      `longhaul_session=lhs_0123456789ab_${'x'.repeat(43)}`,
    ]) {
      const answer = await inject('GET', '/v1/session', { cookie: forged });
      expect(problemIn(answer)).toMatchObject({ status: 401, code: 'unauthenticated' });
    }
    // It is the cookie's, and no key.
    const [, secret] = cookie.split('=');
    expect(await statusOf({ authorization: `Bearer ${secret}` })).toBe(401);
    // Who shows a key is asked for that, whatever the browser adds.
    expect(await statusOf({ cookie, authorization: 'Bearer lh_' })).toBe(401);
  });

  it('a session ends with its time, and so do its streams', async () => {
    const session = await sessionOf(anna);
    const stream = await watch(jobOfAnna, session);
    expect(stream.status).toBe(200);
    const id = /lhs_([0-9a-f]{12})/.exec(session.cookie)?.[1] ?? '';
    await house.db.updateTable('passes').set({ expires_at: new Date() }).where('id', '=', id).execute();
    await stream.untilClosed();
    expect(stream.problem).toMatchObject({ code: 'unauthenticated', status: 401 });
    await until(async () => (await statusOf(session)) === 401, { what: 'the session is over' });
    // The next one that is opened takes it away.
    await sessionOf(anna);
    const left = await house.db.selectFrom('passes').select('id').where('id', '=', id).execute();
    expect(left).toEqual([]);
  });

  it('a session ends with its key, and so do its streams and sockets', async () => {
    const key = await makeKey(house.db, 'anna');
    const [session, kept] = await Promise.all([sessionOf(key), sessionOf(anna)]);
    const stream = await watch(jobOfAnna, session);
    const socket = await openSocket({ ...session, origin: house.url });
    const closed = once(socket, 'close');
    await key.revoke();
    await stream.untilClosed();
    expect(stream.problem?.code).toBe('unauthenticated');
    expect((await closed)[0]).toBe(1008);
    await until(async () => (await statusOf(session)) === 401, { what: 'the session is over' });
    expect(await statusOf(kept)).toBe(200);
  });

  it('who signs out ends this session and its streams, and no other', async () => {
    const [session, kept] = await Promise.all([sessionOf(anna), sessionOf(anna)]);
    const [stream, goesOn] = await Promise.all([watch(jobOfAnna, session), watch(jobOfAnna, kept)]);
    const answer = await inject('DELETE', '/v1/session', { ...session, ...ownPage });
    expect(answer.statusCode).toBe(204);
    expect(String(answer.headers['set-cookie'])).toMatch(/^longhaul_session=; Max-Age=0; /);
    expect(await statusOf(session)).toBe(401);
    await stream.untilClosed();
    expect(stream.problem?.code).toBe('unauthenticated');
    expect(goesOn.closed).toBe(false);
    expect(await statusOf(kept)).toBe(200);
    expect(await statusOf(anna.headers)).toBe(200);
  });

  it('a session in an address is refused as a key is', async () => {
    const [, secret] = (await sessionOf(anna)).cookie.split('=');
    for (const url of [`/v1/jobs?access_token=${secret}`, `/v1/jobs/${secret}`]) {
      expect(problemIn(await inject('GET', url)).code).toBe('key-in-url');
    }
  });
});

failOnLeftovers();
