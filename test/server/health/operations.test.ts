import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { failures } from '../../../job-types/contract/failures.js';
import { freePort } from '../../../scripts/local/ports.js';
import type { ReadinessView } from '../../../src/health/readiness.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import type { OpenApiDocument } from '../../harness/openapi-document.js';
import { checkedStatus, problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
const ask = (method: Method, url: string) =>
  whileBusy(
    () => house.api.inject({ method, url }),
    ({ statusCode }) => statusCode,
  );

describe('/healthz and /readyz', () => {
  it('say that the process lives, and what it can reach', async () => {
    expect((await ask('GET', '/healthz')).json()).toEqual({ status: 'ok' });
    const ready = await until(
      async () => {
        const answer = await ask('GET', '/readyz');
        return answer.statusCode === 200 && answer;
      },
      { what: 'it can reach everything' },
    );
    expect(ready.json()).toMatchObject({ ready: true, temporal: 'up', database: 'up' });
    expect(ready.body).not.toMatch(/postgres|password|sk-/i);
  });

  it('say of a process whose disk is full that its log is not written, and how much of it is lost', async () => {
    const port = await freePort();
    const full = await open('/dev/full', 'w');
    const env = { ...house.env, HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'info' };
    const main = new URL('../../../src/main.js', import.meta.url).pathname;
    const stdio = ['ignore', full.fd, 'inherit', 'ipc'] as const;
    const api = spawn(process.execPath, [main], { env, stdio: [...stdio] });
    const ended = once(api, 'exit');
    try {
      await Promise.race([once(api, 'message'), ended]);
      const url = `http://127.0.0.1:${port}`;
      const says = async (path: string) => {
        const answer = await fetch(`${url}${path}`);
        return { status: answer.status, body: (await answer.json()) as ReadinessView };
      };
      const readyUnwritten = async () => {
        const { ready, log } = (await says('/readyz')).body;
        return ready && log === 'not written';
      };
      await until(readyUnwritten, { what: 'it is ready, and its log is not written' });
      expect((await says('/readyz')).body.lostLogLines).toBe(0);
      // Lines wait for the disk, a million characters of them.
      const long = `/${'x'.repeat(8_000)}`;
      const lose = async () => {
        await Promise.all(Array.from({ length: 50 }, () => fetch(`${url}${long}`)));
        return (await says('/readyz')).body.lostLogLines > 10;
      };
      await until(lose, { what: 'lines are lost' });
      expect(await says('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
      await until(readyUnwritten, { what: 'it is ready, and its log is still not written' });
      expect((await says('/readyz')).body).toMatchObject({ log: 'not written' });
    } finally {
      api.kill('SIGKILL');
      await ended;
      await full.close();
    }
  });
});

describe('/problems/{code}', () => {
  it('explains every code that a failure can have', async () => {
    const { body } = await house.request<OpenApiDocument>('GET', '/openapi.json');
    const parameter = JSON.stringify(body.paths['/problems/{code}']);
    for (const [code, { title }] of Object.entries(failures)) {
      const page = await ask('GET', `/problems/${code}`);
      expect([code, page.statusCode]).toEqual([code, 200]);
      expect(page.headers['content-type']).toMatch(/^text\/html/);
      expect(page.body).toContain(title);
      expect(parameter).toContain(`"${code}"`);
    }
  });

  it('explains every code that the API answers with', async () => {
    const { body } = await house.request<OpenApiDocument>('GET', '/openapi.json');
    const parameters = JSON.stringify(body.paths['/problems/{code}']?.['get']);
    const codes = (JSON.parse(parameters) as { parameters: { schema: { enum: string[] } }[] }).parameters[0]
      ?.schema.enum;
    expect(codes).toEqual(
      expect.arrayContaining([
        'malformed-json',
        'not-found',
        'job-not-found',
        'not-finished',
        'validation-failed',
      ]),
    );
    for (const code of codes ?? []) expect((await ask('GET', `/problems/${code}`)).statusCode).toBe(200);
  });

  it('shows what is to be put in for a placeholder', async () => {
    const { body } = await ask('GET', '/problems/unauthenticated');
    expect(body).toContain('Authorization: Bearer &lt;key>');
  });

  it.each(['nope', '__proto__', 'toString', '%3Cscript%3E'])('does not know %s', async (code) => {
    expect(problemIn(await ask('GET', `/problems/${code}`)).status).toBe(404);
  });
});

describe('/problems', () => {
  it('lists every code: a page for a browser, JSON for others', async () => {
    const get = (accept: string) =>
      house.api.inject({ method: 'GET', url: '/problems', headers: { accept } });
    const json = await get('*/*');
    expect(json.headers['content-type']).toMatch(/^application\/json/);
    const codes = json.json<{ items: { code: string; type: string }[] }>().items;
    expect(codes.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['not-found', ...Object.keys(failures)]),
    );
    const page = await get('text/html,application/xhtml+xml;q=0.9,*/*;q=0.8');
    expect(page.headers['content-type']).toMatch(/^text\/html/);
    expect(page.headers['vary']).toContain('Accept');
    for (const { type } of codes) expect(page.body).toContain(`href="${type}"`);
  });
});

describe('/', () => {
  const asset = /(?:src|href)="(\/assets\/[^"]+)"/g;

  it.each(['/', '/jobs/job_1', '/compare?jobs=job_1,job_2', '/submit', '/submit/ask'])(
    '%s is the page, under a policy without inline script, eval or another host',
    async (address) => {
      const page = await ask('GET', address);
      expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
      expect(page.headers['cache-control']).toBe('no-cache');
      const policy = String(page.headers['content-security-policy']);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("script-src 'self';");
      expect(policy).not.toMatch(/unsafe|https?:|\*|data:/);
      expect(page.body).not.toMatch(/<script(?![^>]* src=)|<style|style=|(src|href)="(https?:)?\/\//);
    },
  );

  it('brings its scripts, styles and icon compressed, to be kept for as long as they are called so', async () => {
    const { body } = await ask('GET', '/');
    const files = [...body.matchAll(asset)].map(([, address = '']) => address);
    expect(files.some((file) => file.endsWith('.js'))).toBe(true);
    expect(files.some((file) => file.endsWith('.css'))).toBe(true);
    expect(files.some((file) => file.endsWith('.svg'))).toBe(true);
    let bytes = 0;
    for (const url of files) {
      const { statusCode, headers, rawPayload } = await house.api.inject({
        method: 'GET',
        url,
        headers: { 'accept-encoding': 'br' },
      });
      expect([url, statusCode, headers['content-encoding']]).toEqual([url, 200, 'br']);
      expect(headers['cache-control']).toBe('public, max-age=31536000, immutable');
      bytes += rawPayload.length;
    }
    expect(bytes).toBeLessThan(150_000);
    expect(problemIn(await ask('GET', '/assets/none.js')).status).toBe(404);
  });
});

describe('/links', () => {
  it('is a page of this server alone, whose links lead somewhere', async () => {
    const page = await ask('GET', '/links');
    expect([page.statusCode, page.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.body).not.toMatch(/<(script|link|img|iframe)\b/);
    const links = [...page.body.matchAll(/href="([^"]+)"/g)].map(([, address = '']) => address);
    expect(links).toEqual(expect.arrayContaining(['/docs', '/problems', house.env['TEMPORAL_UI_URL']]));
    for (const link of links.filter((address) => address.startsWith('/'))) {
      expect([link, (await ask('GET', link)).statusCode]).toEqual([link, 200]);
    }
  });
});

describe('/docs', () => {
  it.each(['/docs', '/docs/'])('%s loads from this server alone', async (page) => {
    const answer = await ask('GET', page);
    expect(answer.statusCode).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^text\/html/);
    const addresses = [
      ...answer.body.matchAll(/<(?:script|link|img|iframe)\b[^>]*?\b(?:src|href)="([^"]+)"/g),
    ].map(([, address = '']) => new URL(address, new URL(page, house.url)));
    expect(addresses.filter(({ pathname }) => /\.(js|css)$/.test(pathname)).length).toBeGreaterThanOrEqual(3);
    const policy = String(answer.headers['content-security-policy']);
    expect(policy).toContain("default-src 'self'");
    expect(policy).toMatch(/script-src 'self'(;|$)/);
    // An inline script would not run under that policy.
    expect(answer.body).not.toMatch(/<script(?![^>]*\bsrc=)[^>]*>\s*\S/);
    for (const address of addresses) {
      expect(address.origin).toBe(new URL(house.url).origin);
      const asset = await ask('GET', address.pathname);
      expect([address.pathname, asset.statusCode]).toEqual([address.pathname, 200]);
      const styles = address.pathname.endsWith('.css') ? asset.body : '';
      expect(styles).not.toMatch(/(url\(|@import)\s*["']?(https?:)?\/\//);
    }
  });

  it('shows the document of this API', async () => {
    const script = await ask('GET', '/docs/swagger-ui-init.js');
    expect(script.statusCode).toBe(200);
    expect(script.body).toContain('/v1/jobs/{id}/cancel');
    expect(script.body).not.toMatch(/https?:\/\/(?!127\.0\.0\.1|localhost|(\w+\.)?example\.org)/);
  });
});

describe('every answer', () => {
  it.each<[Method, string, number]>([
    ['GET', '/v1/job-types', 200],
    ['GET', '/healthz', 200],
    ['GET', '/docs', 200],
    ['GET', '/problems/no-article', 200],
    ['GET', '/v1/jobs/nope', 404],
    ['GET', '/nope', 404],
    ['GET', '/v1/jobs?status=nope', 422],
  ])('%s %s has the security headers', async (method, url, status) => {
    const { headers, statusCode } = await ask(method, url);
    expect(statusCode).toBe(status);
    expect(headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'content-security-policy': expect.stringContaining("frame-ancestors 'self'"),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('server');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
  });

  it.each<[Method, string]>([
    ['GET', '/v1'],
    ['GET', '/v1/nope'],
    ['GET', '/V1/JOBS'],
    ['GET', '//v1//jobs'],
    ['GET', '/v1/jobs/%E0%A4%A'],
    ['GET', '/v1/jobs/%00'],
    ['GET', '/v1/jobs/%2e%2e%2f%2e%2e'],
    ['GET', '/docs/nope.js'],
    ['GET', '/docs/..%2f..%2fpackage.json'],
    ['GET', '/samples/..%2f..%2fpackage.json'],
    ['GET', '/samples/nope'],
    ['PUT', '/v1/jobs'],
    ['PATCH', '/v1/jobs/nope'],
    ['DELETE', '/v1/jobs/nope'],
    ['DELETE', '/v1/words'],
    ['OPTIONS', '/v1/jobs'],
    ['GET', '/v1/jobs/nope/cancel'],
    ['POST', '/v1/jobs/nope/result'],
    ['POST', '/healthz'],
  ])('%s %s is a problem of the caller', async (method, url) => {
    const problem = problemIn(await ask(method, url));
    expect([400, 404, 405, 414]).toContain(problem.status);
  });

  it.each([150, 201, 1000, 5000])('to an id of %i characters is a problem of the caller', async (length) => {
    const problem = problemIn(await ask('GET', `/v1/jobs/${'x'.repeat(length)}`));
    expect([404, 414]).toContain(problem.status);
  });

  it('is the same for HEAD, without a body', async () => {
    for (const url of [
      '/v1/job-types',
      '/v1/jobs',
      '/v1/jobs/nope',
      '/v1/words',
      '/healthz',
      '/readyz',
      '/openapi.json',
      '/docs',
    ]) {
      const [head, get] = await Promise.all([ask('HEAD', url), ask('GET', url)]);
      expect([url, head.statusCode, head.body]).toEqual([url, get.statusCode, '']);
    }
  });

  it('with a slash at its end is the same or unknown, never an error of ours', async () => {
    for (const url of [
      '/v1/job-types/',
      '/v1/jobs/',
      '/v1/words/',
      '/healthz/',
      '/readyz/',
      '/openapi.json/',
      '/problems/no-article/',
    ]) {
      const answer = await ask('GET', url);
      expect([200, 404]).toContain(checkedStatus(answer));
    }
  });

  it.each([
    ['what is no HTTP', 'HELLO\r\n\r\n', 400],
    ['headers without end', `GET /healthz HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
  ])('to %s is a problem too', async (_, request, status) => {
    const { hostname, port } = new URL(house.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write(request);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    const type = /^content-type: (.*)$/im.exec(head)?.[1] ?? '';
    expect(head).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
    expect(problemIn({ statusCode: status, headers: { 'content-type': type }, body }).status).toBe(status);
  });
});

failOnLeftovers();
