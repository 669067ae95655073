import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ApiKey, ApiKeyList, NewApiKey } from '../../../job-types/contract/api-key.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey, type TestKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { pointersOf, problemIn } from '../../harness/problem.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

type Method = 'GET' | 'POST' | 'DELETE';

let house: House;
let operator: TestKey;
let other: TestKey;

beforeAll(async () => {
  house = await openHouse({ OPERATORS: 'local, olga' });
});
afterAll(() => house.close());

const ask = (
  method: Method,
  url: string,
  { by, payload }: { by?: TestKey | string; payload?: object } = {},
) => {
  const headers = typeof by === 'string' ? { authorization: `Bearer ${by}` } : by?.headers;
  const asked = { method, url, ...(headers && { headers }), ...(payload && { payload }) };
  return whileBusy(
    () => house.api.inject(asked),
    ({ statusCode }) => statusCode,
  );
};

describe('without any key', () => {
  it('the first one is not made over HTTP, where nobody would ask before the door is closed', async () => {
    expect((await ask('GET', '/v1/keys')).json()).toEqual({ items: [] });
    const answer = await ask('POST', '/v1/keys', { payload: { owner: 'anna' } });
    expect(problemIn(answer)).toMatchObject({ status: 409, code: 'no-key-yet', retryable: false });
    expect((await ask('GET', '/v1/keys')).json()).toEqual({ items: [] });
    expect((await ask('GET', '/v1/jobs')).statusCode).toBe(200);
  });
});

describe('once there is one', () => {
  beforeAll(async () => {
    [operator, other] = await Promise.all([makeKey(house.db, 'olga'), makeKey(house.db, 'ben')]);
    await until(async () => (await ask('GET', '/v1/keys')).statusCode === 401, {
      what: 'a key is asked for',
    });
  });

  it('an operator makes a key that is shown once, is used, and is soon refused when it is revoked', async () => {
    const owner = `anna-${randomUUID()}`;
    const answer = await ask('POST', '/v1/keys', { by: operator, payload: { owner } });
    expect(answer.statusCode).toBe(201);
    const { key, ...made } = answer.json<NewApiKey>();
    expect(made).toMatchObject({ owner, lastUsedAt: null, revokedAt: null, current: false });
    const works = async () => (await ask('GET', '/v1/job-types', { by: key })).statusCode;
    expect(await works()).toBe(200);
    const list = await ask('GET', '/v1/keys', { by: operator });
    expect(list.body).not.toContain(key.slice(16));
    const { items } = list.json<ApiKeyList>();
    expect(items.find(({ id }) => id === made.id)).toMatchObject({ owner, revokedAt: null });
    expect(items.filter(({ current }) => current).map(({ id }) => id)).toEqual([operator.id]);
    const revoked = await ask('DELETE', `/v1/keys/${made.id}`, { by: operator });
    expect(revoked.statusCode).toBe(200);
    const first = revoked.json<ApiKey>().revokedAt;
    expect(first).not.toBeNull();
    await until(async () => (await works()) === 401, { what: 'the key is refused' });
    // The first revocation stands.
    const again = await ask('DELETE', `/v1/keys/${made.id}`, { by: operator });
    expect(again.json()).toMatchObject({ id: made.id, revokedAt: first });
  });

  it('whoever is no operator learns of no key, and makes and revokes none', async () => {
    for (const [method, url, payload] of [
      ['GET', '/v1/keys'],
      ['POST', '/v1/keys', { owner: 'ben' }],
      ['DELETE', `/v1/keys/${operator.id}`],
      ['DELETE', `/v1/keys/${other.id}`],
    ] as [Method, string, object?][]) {
      const answer = await ask(method, url, { by: other, ...(payload && { payload }) });
      expect(problemIn(answer)).toMatchObject({ status: 403, code: 'operator-only' });
      expect(answer.body).not.toContain(operator.id);
    }
    expect((await ask('GET', '/v1/keys', { by: operator })).statusCode).toBe(200);
    expect((await ask('GET', '/v1/system', { by: other })).json()).toMatchObject({
      keys: { inUse: true, operator: false },
    });
  });

  it.each(['', ' anna', 'anna/ben', 'ä', 'x'.repeat(65), 7, null])(
    'an owner that is none is refused at its field: %j',
    async (owner) => {
      const answer = await ask('POST', '/v1/keys', { by: operator, payload: { owner } });
      expect(answer.statusCode).toBe(422);
      expect(pointersOf(answer.json())).toEqual(['/owner']);
    },
  );

  it.each(['0123456789ab', 'nope', '%00', '%F0%9F%98%80'])('there is no key %s to revoke', async (id) => {
    const answer = await ask('DELETE', `/v1/keys/${id}`, { by: operator });
    expect(problemIn(answer)).toMatchObject({ status: 404, code: 'key-not-found' });
  });
});

failOnLeftovers();
