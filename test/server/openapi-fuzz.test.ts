import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { currentDocument } from '../../scripts/client/document.js';
import { answerCheck } from '../harness/answer-check.js';
import { anyText, mutated, valuesOf } from '../harness/generated-values.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import type { OpenApiDocument, Operation } from '../harness/openapi-document.js';

interface Sent {
  path: string;
  query: [string, string][];
  headers: Record<string, string>;
  body?: string;
}

/** Fixes the requests of a run, to see one again. */
const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 1_000_000_000);
const limits = { seed, numRuns: 50, interruptAfterTimeLimit: 8_000, markInterruptAsFailure: false };

const document = (await currentDocument()) as unknown as OpenApiDocument;
const complaint = answerCheck(document);

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({
    path,
    method,
    operation,
    name: operation.operationId,
  })),
);

/** Needs a job that waits, and with it a worker, which would ask for what the generator makes up. */
const neverAccepted: readonly string[] = ['answerJob'];

let house: House;
/** Ids that mean something: an open job, one that succeeded, one that failed. */
let jobIds: string[] = [];

beforeAll(async () => {
  house = await openHouse({
    MODELS: 'openai/wrong-key',
    RATE_LIMIT_SUBMIT: '0',
    RATE_LIMIT_READ: '0',
    RATE_LIMIT_STREAM: '0',
  });
  const worker = await house.startWorker();
  const ended = await Promise.all([house.submit(), house.submit({ model: 'openai/wrong-key' })]);
  await Promise.all(ended.map(({ id }) => house.jobWhen(id, 'the job is done', ({ done }) => done)));
  await worker.stop();
  jobIds = [...ended, await house.submit()].map(({ id }) => id);
}, 60_000);
afterAll(() => house.close());

/** What a header can carry at all. */
const headerText = fc.string({ unit: 'grapheme-ascii', maxLength: 40 }).map((text) => text.trim());

const likelyHeaders: Readonly<Record<string, fc.Arbitrary<string>>> = {
  prefer: fc.constantFrom('wait=0', 'wait=1', 'wait=-1', 'respond-async, wait=x'),
  'if-none-match': fc.constantFrom('*', '"x"', 'W/"x", "y"'),
  'last-event-id': fc.constantFrom('0', '1', '999999', '-1', 'x'),
  accept: fc.constantFrom('*/*', 'text/event-stream', 'application/json', 'text/html;q=0.1'),
};

function requestsFor(path: string, operation: Operation): fc.Arbitrary<Sent> {
  const likely = {
    url: 'http://127.0.0.1:9/',
    sourceLang: 'es',
    targetLang: 'fr',
    source_lang: 'Spanish',
    target_lang: 'French',
    browser: 'firefox',
    model: 'openai/answer',
    type: 'extractArticle',
    code: 'not-found',
  };
  const values = (schema: Record<string, unknown>) => valuesOf(schema, { document, likely });
  const parameters = operation.parameters ?? [];
  const names = {
    path: parameters.filter((one) => one.in === 'path'),
    query: parameters.filter((one) => one.in === 'query'),
  };

  const segments = names.path.map(({ name, schema }) => {
    const known =
      name === 'id' ? jobIds : name in likely ? [String(likely[name as keyof typeof likely])] : [];
    const made = fc
      .oneof(values(schema).map(String), anyText)
      .filter((text) => text !== '' && !/^\.{1,2}$/.test(text));
    return fc.tuple(
      fc.constant(name),
      known.length === 0
        ? made
        : fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: made }),
    );
  });
  const query = fc
    .subarray(names.query)
    .chain((chosen) =>
      fc.tuple(
        ...chosen.map(({ name, schema }) =>
          fc.tuple(
            fc.constant(name),
            fc.oneof({ weight: 4, arbitrary: values(schema).map(String) }, { weight: 1, arbitrary: anyText }),
          ),
        ),
      ),
    );
  const headerNames = [
    ...parameters.filter((one) => one.in === 'header').map(({ name }) => name.toLowerCase()),
    'accept',
  ];
  const headers = fc.record(
    Object.fromEntries(
      headerNames.map((name) => [
        name,
        fc.oneof(...(likelyHeaders[name] ? [likelyHeaders[name]] : []), headerText),
      ]),
    ),
    { requiredKeys: [] },
  );
  const schema = operation.requestBody?.content['application/json']?.schema;
  const json = schema
    ? fc
        .oneof(
          { weight: 4, arbitrary: values(schema) },
          { weight: 4, arbitrary: mutated(values(schema)) },
          { weight: 1, arbitrary: fc.jsonValue() },
        )
        .map((value) => JSON.stringify(value))
    : fc.constant(undefined);
  const bodies = schema
    ? fc.oneof(
        { weight: 9, arbitrary: fc.record({ body: json, type: fc.constant('application/json') }) },
        {
          weight: 1,
          arbitrary: fc.record({
            body: fc.oneof(json, anyText),
            type: fc.constantFrom(
              'application/json',
              'text/plain',
              'application/xml',
              'multipart/form-data',
              '',
            ),
          }),
        },
      )
    : fc.constant({ body: undefined, type: '' });

  return fc.record({ segments: fc.tuple(...segments), query, headers, sent: bodies }).map((made) => ({
    path: made.segments.reduce(
      (at, [name, value]) => at.replace(`{${name}}`, () => encodeURIComponent(value.toWellFormed())),
      path,
    ),
    query: made.query,
    headers: {
      ...(made.headers as Record<string, string>),
      ...(made.sent.type ? { 'content-type': made.sent.type } : {}),
    },
    ...(made.sent.body === undefined ? {} : { body: made.sent.body }),
  }));
}

async function send(method: string, { path, query, headers, body }: Sent) {
  const url = new URL(path, house.url);
  for (const [name, value] of query) url.searchParams.append(name, value);
  const response = await fetch(url, {
    method: method.toUpperCase(),
    headers,
    redirect: 'manual',
    ...(body === undefined ? {} : { body }),
  });
  const contentType = response.headers.get('content-type');
  // An event stream lasts as long as its job.
  const streams = contentType?.startsWith('text/event-stream');
  if (streams) await response.body?.cancel();
  return { status: response.status, contentType, body: streams ? '' : await response.text() };
}

describe(`the API keeps to its document, whatever is sent (FUZZ_SEED=${seed})`, () => {
  it.each(operations.map((one) => [one.name, one] as const))(
    '%s',
    async (name, { path, method, operation }) => {
      let accepted = 0;
      await fc.assert(
        fc.asyncProperty(requestsFor(path, operation), async (request) => {
          const answer = await send(method, request);
          expect(complaint(answer, { path, method, operation })).toBeNull();
          if (answer.status < 300) accepted += 1;
        }),
        limits,
      );
      if (!neverAccepted.includes(name)) expect(accepted).toBeGreaterThan(0);
    },
    20_000,
  );

  it('other methods on its paths are refused as problems', async () => {
    const others = fc.constantFrom('PUT', 'PATCH', 'DELETE', 'OPTIONS', 'POST', 'GET');
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...Object.keys(document.paths)), others, async (path, method) => {
        if (document.paths[path]?.[method.toLowerCase()]) return;
        const answer = await send(method, { path: path.replace(/\{\w+\}/, 'x'), query: [], headers: {} });
        expect(answer.contentType).toMatch(/^application\/problem\+json/);
        expect(answer.status).toBe(404);
      }),
      limits,
    );
  }, 20_000);
});

failOnLeftovers();
