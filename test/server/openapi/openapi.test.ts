import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import {
  type OpenApiDocument,
  type Operation,
  bodyCheck,
  refsIn,
  resolveRef,
  responseOf,
  routesIn,
} from '../../harness/openapi-document.js';
import { saveStarted } from '../../harness/save-started.js';
import { type TableLock, lockTable } from '../../harness/table-lock.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;
let document: OpenApiDocument;
let lock: TableLock;
/** A job whose save has to wait, so that a cancel cannot end it at once; the others have ended. */
const jobs: Record<'open' | 'succeeded' | 'failed' | 'cancelled' | 'forgotten', string> = {
  open: '',
  succeeded: '',
  failed: '',
  cancelled: '',
  /** By Temporal; the archive has it. */
  forgotten: 'job_forgotten',
};

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/wrong-key,openai/rate-limited' });
  document = (await house.ask<OpenApiDocument>('GET', '/openapi.json')).body;
  await house.startWorker();
  const submitted = await Promise.all([
    house.submit(),
    house.submit({ model: 'openai/wrong-key' }),
    house.submit({ model: 'openai/hang-mid-stream' }),
  ]);
  [jobs.succeeded, jobs.failed, jobs.cancelled] = submitted.map(({ id }) => id) as [string, string, string];
  await cancel(jobs.cancelled);
  await house.jobWhen(jobs.succeeded, 'the job is done', ({ done }) => done);
  await house.jobWhen(jobs.failed, 'the job is done', ({ done }) => done);
  await sql`
    insert into outcomes (job_id, run_id, type, owner, status, job, finished_at)
    select ${jobs.forgotten}, run_id, type, owner, status, job, finished_at from outcomes
    where job_id = ${jobs.failed}`.execute(house.db);
  lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'words');
  const open = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
  const holder = { type: 'extractArticle', input: open, concurrencyKey: 'held' };
  jobs.open = (await house.start(holder)).body.id;
  await saveStarted(house, jobs.open);
});
afterAll(async () => {
  await lock.release();
  await cancel(jobs.open);
  await house.close();
});

async function cancel(id: string): Promise<void> {
  await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
  await house.jobWhen(id, 'the job is done', ({ done }) => done);
}

const operations = (): [string, Operation][] =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]): [string, Operation] => [
      `${method.toUpperCase()} ${path}`,
      operation,
    ]),
  );

interface Sample {
  operation: string;
  status: number;
  /** Of the request; the path of the operation when it has no parameters. */
  path?: () => string;
  payload?: string;
  type?: string;
  headers?: Record<string, string>;
}

const json = 'application/json';
const huge = JSON.stringify({ type: 'extractArticle', input: 'x'.repeat(5_000_000) });
const submit = 'POST /v1/jobs';
const cancelling = 'POST /v1/jobs/{id}/cancel';
const rerunning = 'POST /v1/jobs/{id}/rerun';
const key = randomUUID();
const valid = (more: Record<string, unknown> = {}) =>
  JSON.stringify({
    type: 'extractArticle',
    input: { url: 'http://127.0.0.1:9/', sourceLang: 'es', targetLang: 'fr' },
    tags: ['a'],
    metadata: { b: 'c' },
    ...more,
  });

/** A request for every answer that the document promises, but those of an outage and of the guard. */
const samples: Sample[] = [
  { operation: 'GET /v1/job-types', status: 200 },
  { operation: 'GET /v1/job-types/{type}', status: 200, path: () => '/v1/job-types/extractArticle' },
  { operation: 'GET /v1/job-types/{type}', status: 404, path: () => '/v1/job-types/nope' },
  { operation: submit, status: 202, payload: valid(), type: json },
  { operation: submit, status: 200, payload: valid({ validateOnly: true }), type: json },
  { operation: submit, status: 202, payload: valid({ concurrencyKey: 'k', delay: 0 }), type: json },
  {
    operation: submit,
    status: 409,
    payload: valid({ concurrencyKey: 'held', onConflict: 'reject' }),
    type: json,
  },
  { operation: submit, status: 400, payload: '{', type: json },
  { operation: submit, status: 413, payload: huge, type: json },
  { operation: submit, status: 415, payload: '<a/>', type: 'application/xml' },
  { operation: submit, status: 422, payload: '{}', type: json },
  { operation: 'GET /v1/jobs', status: 200, path: () => '/v1/jobs?pageSize=200' },
  { operation: 'GET /v1/jobs', status: 422, path: () => '/v1/jobs?status=nope' },
  { operation: 'GET /v1/jobs/{id}', status: 200, path: () => `/v1/jobs/${jobs.open}` },
  { operation: 'GET /v1/jobs/{id}', status: 200, path: () => `/v1/jobs/${jobs.succeeded}` },
  { operation: 'GET /v1/jobs/{id}', status: 200, path: () => `/v1/jobs/${jobs.failed}` },
  { operation: 'GET /v1/jobs/{id}', status: 200, path: () => `/v1/jobs/${jobs.cancelled}` },
  {
    operation: 'GET /v1/jobs/{id}',
    status: 304,
    path: () => `/v1/jobs/${jobs.succeeded}`,
    headers: { 'if-none-match': '*' },
  },
  { operation: 'GET /v1/jobs/{id}', status: 404, path: () => '/v1/jobs/nope' },
  { operation: 'GET /v1/jobs/{id}/result', status: 200, path: () => `/v1/jobs/${jobs.succeeded}/result` },
  { operation: 'GET /v1/jobs/{id}/result', status: 404, path: () => '/v1/jobs/nope/result' },
  { operation: 'GET /v1/jobs/{id}/result', status: 409, path: () => `/v1/jobs/${jobs.open}/result` },
  { operation: 'GET /v1/jobs/{id}/result', status: 409, path: () => `/v1/jobs/${jobs.failed}/result` },
  {
    operation: cancelling,
    status: 200,
    path: () => `/v1/jobs/${jobs.succeeded}/cancel`,
    payload: '{}',
    type: json,
  },
  { operation: cancelling, status: 400, path: () => '/v1/jobs/nope/cancel', payload: '{', type: json },
  { operation: cancelling, status: 404, path: () => '/v1/jobs/nope/cancel', payload: '{}', type: json },
  { operation: cancelling, status: 413, path: () => '/v1/jobs/nope/cancel', payload: huge, type: json },
  {
    operation: cancelling,
    status: 415,
    path: () => '/v1/jobs/nope/cancel',
    payload: '<a/>',
    type: 'application/xml',
  },
  {
    operation: cancelling,
    status: 422,
    path: () => '/v1/jobs/nope/cancel',
    payload: '{"mode":1}',
    type: json,
  },
  { operation: rerunning, status: 409, path: () => `/v1/jobs/${jobs.open}/rerun` },
  // Behind all that need it open: its save is given up after a while, and then the cancel ends it.
  {
    operation: cancelling,
    status: 202,
    path: () => `/v1/jobs/${jobs.open}/cancel`,
    payload: '{}',
    type: json,
  },
  {
    operation: rerunning,
    status: 202,
    path: () => `/v1/jobs/${jobs.failed}/rerun`,
    headers: { 'idempotency-key': key },
  },
  {
    operation: rerunning,
    status: 200,
    path: () => `/v1/jobs/${jobs.failed}/rerun`,
    headers: { prefer: 'wait=30' },
  },
  { operation: rerunning, status: 413, path: () => '/v1/jobs/nope/rerun', payload: huge, type: json },
  {
    operation: rerunning,
    status: 415,
    path: () => '/v1/jobs/nope/rerun',
    payload: '<a/>',
    type: 'application/xml',
  },
  { operation: rerunning, status: 404, path: () => '/v1/jobs/nope/rerun' },
  { operation: rerunning, status: 410, path: () => `/v1/jobs/${jobs.forgotten}/rerun` },
  {
    operation: rerunning,
    status: 422,
    path: () => `/v1/jobs/${jobs.cancelled}/rerun`,
    headers: { 'idempotency-key': key },
  },
  {
    operation: 'GET /v1/jobs/{id}/calls',
    status: 200,
    path: () => `/v1/jobs/${jobs.succeeded}/calls`,
  },
  { operation: 'GET /v1/jobs/{id}/calls', status: 404, path: () => '/v1/jobs/nope/calls' },
  {
    operation: 'GET /v1/jobs/{id}/calls',
    status: 422,
    path: () => `/v1/jobs/${jobs.succeeded}/calls?pageSize=0`,
  },
  {
    operation: 'GET /v1/jobs/{id}/items',
    status: 200,
    path: () => `/v1/jobs/${jobs.succeeded}/items`,
  },
  { operation: 'GET /v1/jobs/{id}/items', status: 404, path: () => '/v1/jobs/nope/items' },
  {
    operation: 'GET /v1/jobs/{id}/items',
    status: 422,
    path: () => `/v1/jobs/${jobs.succeeded}/items?pageSize=0`,
  },
  {
    operation: 'GET /v1/job-types/{type}/estimate',
    status: 200,
    path: () => '/v1/job-types/ask/estimate',
  },
  {
    operation: 'GET /v1/job-types/{type}/estimate',
    status: 404,
    path: () => '/v1/job-types/nope/estimate',
  },
  { operation: 'GET /v1/usage', status: 200 },
  { operation: 'GET /v1/usage', status: 422, path: () => '/v1/usage?by=moon' },
  { operation: 'GET /v1/usage/jobs', status: 200 },
  { operation: 'GET /v1/usage/jobs', status: 422, path: () => '/v1/usage/jobs?limit=0' },
  { operation: 'GET /v1/usage/budgets', status: 200 },
  { operation: 'GET /v1/system', status: 200 },
  { operation: 'GET /v1/words', status: 200 },
  { operation: 'GET /v1/words', status: 422, path: () => '/v1/words?pageSize=0' },
  { operation: 'GET /problems', status: 200 },
  { operation: 'GET /problems/{code}', status: 200, path: () => '/problems/no-article' },
  { operation: 'GET /problems/{code}', status: 404, path: () => '/problems/nope' },
  { operation: 'GET /healthz', status: 200 },
  { operation: 'GET /health', status: 200 },
  { operation: 'GET /readyz', status: 200 },
];

describe('/openapi.json', () => {
  it('is OpenAPI 3.1 whose references all lead somewhere', () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    const lost = refsIn(document).filter((ref) => resolveRef(document, ref) === undefined);
    expect(lost).toEqual([]);
  });

  it('holds every route of the API, and no other', () => {
    const tree = house.api.getHttpAdapter().getInstance().printRoutes({ commonPrefix: false });
    // What a person opens in a browser, and what the document itself is, is not for clients.
    const routes = routesIn(tree).filter(
      (route) =>
        !/^HEAD | \/(chat(\/\{id\})?|(docs|openapi\.json|samples|links|jobs\/|compare|submit|inbox|library|spend|system|\*).*)?$/.test(
          route,
        ),
    );
    expect(routes.length).toBeGreaterThan(8);
    expect(
      operations()
        .map(([name]) => name)
        .toSorted(),
    ).toEqual(routes.toSorted());
  });

  it('names every operation once and says what it is for', () => {
    const ids = operations().map(([, { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(operations().filter(([, { summary }]) => !summary)).toEqual([]);
  });

  it('documents problems as what they are sent as', () => {
    const wrong = operations().flatMap(([name, operation]) =>
      Object.keys(operation.responses)
        .filter(
          (status) =>
            Number(status) >= 400 &&
            !/readyz|\/api\/|\/generate\/|\/chat\/|\/audio\/|\/text_summarization\//.test(name),
        )
        .filter((status) => !responseOf(document, operation, status)?.content?.['application/problem+json'])
        .map((status) => `${name} ${status}`),
    );
    expect(wrong).toEqual([]);
  });

  it('says that a cancel needs no body', () => {
    const operation = document.paths['/v1/jobs/{id}/cancel']?.['post'];
    expect(operation?.requestBody?.required ?? false).toBe(false);
  });

  it('promises no answer that the samples below do not ask for', () => {
    const asked = new Set(samples.map(({ operation, status }) => `${operation} ${status}`));
    const promised = operations().flatMap(([name, { responses }]) =>
      Object.keys(responses).map((status) => `${name} ${status}`),
    );
    // What is answered in front of every route is asked for in auth.test.ts and connections.test.ts.
    const elsewhere = / (400|401|403|408|429|431|503)$/;
    // And these have tests of their own.
    const apart =
      /\/api\/|\/generate\/|\/chat\/|\/audio\/|\/text_summarization\/|\/probes\/|\/v1\/words\/|\/v1\/research|\/v1\/stories|\/v1\/documents|\/v1\/files|\/v1\/conversations|\/v1\/keys|\/events|\/input|\/retry|\/fork|\/session|\/tokens/;
    expect(
      promised.filter((answer) => !elsewhere.test(answer) && !apart.test(answer) && !asked.has(answer)),
    ).toEqual([]);
  });

  it.each(samples.map((sample) => [sample.operation, sample.status, sample] as const))(
    'is kept by %s answering %i',
    async (name, status, { path, payload, type, headers }) => {
      const [method, template] = name.split(' ') as ['GET' | 'POST', string];
      const ask = () =>
        house.api.inject({
          method,
          url: path?.() ?? template,
          ...(payload === undefined ? {} : { payload }),
          headers: { ...headers, ...(type === undefined ? {} : { 'content-type': type }) },
        });
      const answer = await whileBusy(ask, ({ statusCode }) => statusCode);
      expect(answer.statusCode).toBe(status);
      const operation = operations().find(([named]) => named === name)?.[1];
      const documented = operation && responseOf(document, operation, status);
      expect(documented).toBeDefined();
      if (answer.body === '') return;
      const sentAs = String(answer.headers['content-type']).split(';')[0] ?? '';
      const content = documented?.content?.[sentAs] ?? documented?.content?.[json];
      expect(content).toBeDefined();
      const body: unknown = /json/.test(sentAs) ? answer.json() : answer.body;
      expect(bodyCheck(document, content?.schema ?? {}).safeParse(body).error).toBeUndefined();
    },
  );
});

failOnLeftovers();
