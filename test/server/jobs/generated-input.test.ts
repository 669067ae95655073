import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { checkedStatus } from '../../harness/problem.js';
import { until } from '../../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

/** What a busy machine has not done once by then counts as a failure. */
const limits = { interruptAfterTimeLimit: 20_000, markInterruptAsFailure: false };

/** Repeats what a busy server has put off, as clients do; what is put off for ever is a failure. */
const ask = (request: InjectOptions): Promise<LightMyRequestResponse> =>
  until(
    async () => {
      const answer = await house.api.inject(request);
      return answer.statusCode !== 503 && answer;
    },
    { what: 'the request is answered' },
  );

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', ' ', '\u0000', '\ud800', '%', '_', '\\', "'; --", '__proto__', '../..', 'es', 'French'),
);

/** Now and then what is right, so that generated bodies get past the first check. */
const or = <T>(right: T) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: fc.jsonValue() });

const almostJob = fc.record(
  {
    type: fc.oneof({ weight: 6, arbitrary: fc.constant('extractArticle') }, text),
    input: fc.oneof(
      {
        weight: 6,
        arbitrary: fc.record(
          {
            url: fc.oneof(
              or('https://example.org/'),
              fc.webUrl({ withQueryParameters: true, withFragments: true }),
              text,
            ),
            sourceLang: fc.oneof(or('es'), text),
            targetLang: fc.oneof(or('fr'), text),
            wordCount: fc.oneof(or(30), fc.double()),
            prompt: text,
            browser: text,
            model: text,
          },
          { requiredKeys: ['url', 'sourceLang', 'targetLang'] },
        ),
      },
      fc.jsonValue(),
    ),
    tags: fc.oneof(fc.array(text, { maxLength: 12 }), fc.jsonValue()),
    metadata: fc.oneof(fc.dictionary(text, text), fc.jsonValue()),
  },
  { requiredKeys: ['type', 'input'] },
);

describe('no input makes the API fail', () => {
  it('generated submits are accepted, or refused as problems', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof({ weight: 4, arbitrary: almostJob }, fc.jsonValue()), async (body) => {
        const answer = await ask({
          method: 'POST',
          url: '/v1/jobs',
          payload: JSON.stringify(body),
          headers: { 'content-type': 'application/json' },
        });
        expect([202, 400, 413, 422]).toContain(checkedStatus(answer));
      }),
      { numRuns: 200, ...limits },
    );
  });

  it.each(['/v1/jobs', '/v1/words'])(
    'generated queries of %s are answered, or refused as problems',
    async (path) => {
      const names = fc.constantFrom(
        'status',
        'type',
        'pageSize',
        'pageToken',
        'search',
        'sourceLang',
        'targetLang',
      );
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(names, text), { maxLength: 4 }), async (fields) => {
          const query = new URLSearchParams(fields);
          const answer = await ask({ method: 'GET', url: `${path}?${query.toString()}` });
          expect([200, 422]).toContain(checkedStatus(answer));
        }),
        { numRuns: 100, ...limits },
      );
    },
  );

  it('generated job ids are unknown', async () => {
    const routes = fc.constantFrom('', '/result', '/cancel');
    await fc.assert(
      fc.asyncProperty(fc.tuple(text, routes), async ([id, route]) => {
        const url = `/v1/jobs/${encodeURIComponent(id.toWellFormed())}${route}`;
        const answer = await ask({ method: route === '/cancel' ? 'POST' : 'GET', url });
        // An empty id is the list.
        expect([200, 400, 404, 414]).toContain(checkedStatus(answer));
      }),
      { numRuns: 100, ...limits },
    );
  });
});

failOnLeftovers();
