import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import type { Job } from '../../../job-types/contract/job.js';
import { openStream, type EventStream } from '../../harness/event-stream.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey, type TestKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import type { OpenApiDocument } from '../../harness/openapi-document.js';
import { problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS' | 'HEAD';
type Headers = Record<string, string>;
type Access = 'read' | 'read-and-cancel';
interface JobToken {
  token: string;
  job: string;
  access: Access;
  expiresAt: string;
}

/** A page of somebody else that may read answers. */
const foreignPage = 'https://app.example.org';

let house: House;
let anna: TestKey;
let jobOfAnna: string;
const streams: EventStream[] = [];

beforeAll(async () => {
  house = await openHouse({ CORS_ORIGINS: foreignPage, RATE_LIMIT_STREAM: '0' });
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.cut();
});
afterAll(() => house.close());

const inject = (method: Method, url: string, headers: Headers = {}, payload?: object) =>
  whileBusy(
    () => house.api.inject({ method, url, headers, ...(payload && { payload }) }),
    ({ statusCode }) => statusCode,
  );
const bearer = (token: string): Headers => ({ authorization: `Bearer ${token}` });

async function lend(id: string, access: Access, headers: Headers = anna.headers): Promise<JobToken> {
  const answer = await inject('POST', `/v1/jobs/${id}/tokens`, headers, { access });
  expect(answer.statusCode).toBe(201);
  return answer.json<JobToken>();
}

async function submit(headers: Headers = {}): Promise<string> {
  const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
  const answer = await inject('POST', '/v1/jobs', headers, { type: 'extractArticle', input });
  expect(answer.statusCode).toBe(202);
  return answer.json<Job>().id;
}

const statusOf = async (id: string, token: string): Promise<number> =>
  (await inject('GET', `/v1/jobs/${id}`, bearer(token))).statusCode;

const codeOf = async (method: Method, url: string, token: string): Promise<string> =>
  problemIn(await inject(method, url, bearer(token))).code;

const watch = async (address: string, headers: Headers = {}): Promise<EventStream> => {
  const open = async () => {
    const stream = await openStream(`${house.url}${address}`, { headers });
    streams.push(stream);
    return stream;
  };
  return whileBusy(open, ({ status }) => status);
};

it('without keys a token is for its job alone too, and ends when there is a first key', async () => {
  const [id, other] = await Promise.all([submit(), submit()]);
  const { token, expiresAt } = await lend(id, 'read', {});
  expect(Math.abs(Date.parse(expiresAt) - Date.now() - 900_000)).toBeLessThan(120_000);
  expect(await statusOf(id, token)).toBe(200);
  expect(await statusOf(other, token)).toBe(403);
  const elsewhere = await inject('GET', `/v1/jobs/${id}`, { ...bearer(token), host: 'rebound.example' });
  expect(problemIn(elsewhere).code).toBe('host-refused');
  const stream = await watch(`/v1/jobs/${id}/events`, bearer(token));
  anna = await makeKey(house.db, 'anna');
  await stream.untilClosed();
  await until(async () => (await statusOf(id, token)) === 401, { what: 'the token is over' });
});

describe('with keys', () => {
  beforeAll(async () => {
    anna = await makeKey(house.db, 'anna');
    await until(async () => (await inject('GET', '/v1/jobs')).statusCode === 401, {
      what: 'a key is asked for',
    });
    jobOfAnna = await submit(anna.headers);
  });

  it('a token reads its job, its result and its events', async () => {
    const { token, ...told } = await lend(jobOfAnna, 'read');
    expect(told).toMatchObject({ job: jobOfAnna, access: 'read' });
    const read = await inject('GET', `/v1/jobs/${jobOfAnna}`, bearer(token));
    expect(read.json()).toMatchObject({ id: jobOfAnna, owner: 'anna' });
    expect(await codeOf('GET', `/v1/jobs/${jobOfAnna}/result`, token)).toBe('not-finished');
    expect((await inject('GET', `/v1/jobs/${jobOfAnna}/events`, bearer(token))).statusCode).toBe(200);
    expect((await watch(`/v1/jobs/${jobOfAnna}/events`, bearer(token))).status).toBe(200);
  });

  it('a token is for reading where nothing else was said', async () => {
    const answer = await inject('POST', `/v1/jobs/${jobOfAnna}/tokens`, anna.headers);
    expect(answer.json()).toMatchObject({ access: 'read' });
    const wrong = await inject('POST', `/v1/jobs/${jobOfAnna}/tokens`, anna.headers, { access: 'all' });
    expect(problemIn(wrong)).toMatchObject({ status: 422, errors: [{ pointer: '/access' }] });
  });

  it('every other route, of the same job too, refuses it, whatever it may do', async () => {
    const { token } = await lend(jobOfAnna, 'read-and-cancel');
    const document = (await house.ask<OpenApiDocument>('GET', '/openapi.json')).body;
    const its = /^(GET \/v1\/jobs\/\{id\}(\/result|\/events)?|POST \/v1\/jobs\/\{id\}\/cancel)$/;
    const others = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => 'security' in operation)
        .map(([method]) => [method.toUpperCase() as Method, path] as const)
        .filter(([method]) => !its.test(`${method} ${path}`)),
    );
    expect(others.length).toBeGreaterThan(40);
    for (const [method, path] of others) {
      const url = path.replaceAll(/\{\w+\}/g, jobOfAnna);
      const { statusCode } = await inject(method, url, bearer(token), method === 'GET' ? undefined : {});
      expect([method, path, statusCode]).toEqual([method, path, 403]);
    }
    expect(await codeOf('POST', `/v1/jobs/${jobOfAnna}/tokens`, token)).toBe('outside-token');
    expect(await codeOf('GET', '/v1/session', token)).toBe('outside-token');
  });

  it('another job, of the same owner or of another, is not what it is for', async () => {
    const ben = await makeKey(house.db, 'ben');
    const [another, ofBen] = await Promise.all([submit(anna.headers), submit(ben.headers)]);
    const { token } = await lend(jobOfAnna, 'read-and-cancel');
    for (const id of [another, ofBen, 'job_nope', `${jobOfAnna}.r1`]) {
      for (const path of ['', '/result', '/events']) {
        expect(await codeOf('GET', `/v1/jobs/${id}${path}`, token)).toBe('outside-token');
      }
      expect(await codeOf('POST', `/v1/jobs/${id}/cancel`, token)).toBe('outside-token');
    }
    const foreign = await inject('POST', `/v1/jobs/${jobOfAnna}/tokens`, ben.headers, { access: 'read' });
    expect(problemIn(foreign)).toMatchObject({ status: 404, code: 'job-not-found' });
  });

  it('a token cancels where that was said, and only there', async () => {
    const id = await submit(anna.headers);
    const [reads, cancels] = await Promise.all([lend(id, 'read'), lend(id, 'read-and-cancel')]);
    expect(await codeOf('POST', `/v1/jobs/${id}/cancel`, reads.token)).toBe('outside-token');
    const cancelled = await inject('POST', `/v1/jobs/${id}/cancel`, bearer(cancels.token));
    expect([200, 202]).toContain(cancelled.statusCode);
    await until(
      async () =>
        (await inject('GET', `/v1/jobs/${id}`, bearer(reads.token))).json<Job>().status === 'cancelled',
      { what: 'the job is cancelled' },
    );
  });

  it('one that was not given out is none', async () => {
    const [{ token }, other] = await Promise.all([lend(jobOfAnna, 'read'), lend(jobOfAnna, 'read')]);
    const id = 'lht_'.length + 12;
    for (const forged of [
      token.slice(0, -1),
      `${token.slice(0, id)}${other.token.slice(id)}`,
      token.replace('lht_', 'lhs_'),
      token.replace('lht_', 'lh_'),
      `lht_0123456789ab_${'x'.repeat(43)}`,
      anna.key.replace('lh_', 'lht_'),
    ]) {
      expect(await codeOf('GET', `/v1/jobs/${jobOfAnna}`, forged)).toBe('unauthenticated');
    }
    const inCookie = await inject('GET', `/v1/jobs/${jobOfAnna}`, { cookie: `longhaul_session=${token}` });
    expect(problemIn(inCookie).code).toBe('unauthenticated');
  });

  it('a token opens no WebSocket', async () => {
    const { token } = await lend(jobOfAnna, 'read-and-cancel');
    const address = `${house.url.replace(/^http/, 'ws')}/v1/events`;
    for (const [at, headers] of [
      [address, bearer(token)],
      [`${address}?access_token=${token}`, {}],
    ] as const) {
      const refusal = async () => {
        const [error] = (await once(new WebSocket(at, { headers }), 'error')) as [Error];
        return Number(/\d{3}$/.exec(error.message)?.[0]);
      };
      expect(await whileBusy(refusal, (status) => status)).toBe(403);
    }
  });

  it('in an address it follows events, as EventSource needs it, and does nothing else', async () => {
    const [reads, cancels] = await Promise.all([lend(jobOfAnna, 'read'), lend(jobOfAnna, 'read-and-cancel')]);
    const events = `/v1/jobs/${jobOfAnna}/events`;
    expect((await watch(`${events}?access_token=${reads.token}`)).status).toBe(200);
    for (const [method, url] of [
      ['GET', `${events}?access_token=${cancels.token}`],
      ['GET', `/v1/jobs/${jobOfAnna}?access_token=${reads.token}`],
      ['POST', `/v1/jobs/${jobOfAnna}/cancel?access_token=${cancels.token}`],
      ['GET', `/v1/jobs/${reads.token}`],
      ['GET', `${events}?after=0&token=${reads.token}`],
    ] as const) {
      expect([url, problemIn(await inject(method, url)).code]).toEqual([url, 'key-in-url']);
    }
    const both = await inject('GET', `${events}?access_token=${reads.token}`, anna.headers);
    expect(problemIn(both).code).toBe('key-in-url');
  });

  it('a token ends with its time, and so does its stream', async () => {
    const { token } = await lend(jobOfAnna, 'read');
    const stream = await watch(`/v1/jobs/${jobOfAnna}/events`, bearer(token));
    const id = token.slice(4, 16);
    await house.db.updateTable('passes').set({ expires_at: new Date() }).where('id', '=', id).execute();
    await stream.untilClosed();
    expect(stream.problem).toMatchObject({ status: 401, code: 'unauthenticated' });
    await until(async () => (await statusOf(jobOfAnna, token)) === 401, { what: 'the token is over' });
  });

  it('a token ends with the key it was made with, and with the session of that key', async () => {
    const key = await makeKey(house.db, 'anna');
    const answer = await inject('POST', '/v1/session', key.headers);
    const cookie = String(answer.headers['set-cookie']).split(';')[0] ?? '';
    const page = { cookie, origin: 'http://localhost', host: 'localhost' };
    const [byKey, bySession] = await Promise.all([
      lend(jobOfAnna, 'read', key.headers),
      lend(jobOfAnna, 'read', page),
    ]);
    const stream = await watch(`/v1/jobs/${jobOfAnna}/events`, bearer(byKey.token));
    expect(await statusOf(jobOfAnna, bySession.token)).toBe(200);
    await key.revoke();
    await stream.untilClosed();
    for (const { token } of [byKey, bySession]) {
      await until(async () => (await statusOf(jobOfAnna, token)) === 401, { what: 'the token is over' });
    }
  });

  it('a page of another origin reads with it, and only what was allowed to read', async () => {
    const { token } = await lend(jobOfAnna, 'read');
    const preflight = await inject('OPTIONS', `/v1/jobs/${jobOfAnna}`, {
      origin: foreignPage,
      'access-control-request-method': 'GET',
      'access-control-request-headers': 'authorization',
    });
    expect(preflight.headers['access-control-allow-headers']).toMatch(/authorization/i);
    for (const path of ['', '/events']) {
      const url = `/v1/jobs/${jobOfAnna}${path}`;
      const read = await inject('GET', url, { ...bearer(token), origin: foreignPage });
      expect([read.statusCode, read.headers['access-control-allow-origin']]).toEqual([200, foreignPage]);
      const strange = await inject('GET', url, { ...bearer(token), origin: 'https://evil.example' });
      expect(strange.headers['access-control-allow-origin']).toBeUndefined();
    }
    const refused = await inject('GET', '/v1/jobs', { ...bearer(token), origin: foreignPage });
    expect([refused.statusCode, refused.headers['access-control-allow-origin']]).toEqual([403, foreignPage]);
  });
});

failOnLeftovers();
