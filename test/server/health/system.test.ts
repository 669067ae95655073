import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { System } from '../../../job-types/contract/system.js';
import { type House, openHouse } from '../../harness/house.js';
import { makeKey } from '../../harness/keys.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({
    MODELS: 'openai/wrong-key,rules',
    OPERATORS: 'local,olga',
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
  });
});
afterAll(() => house.close());

const read = async (headers?: Record<string, string>): Promise<System> => {
  const ask = () => house.request<System>('GET', '/v1/system', undefined, headers);
  return (await whileBusy(ask, ({ status }) => status)).body;
};
const partOf = ({ parts }: System, name: string) => parts.find((part) => part.name === name);
const providerOf = ({ providers }: System, name: string) => providers.find((one) => one.name === name);
const ended = (id: string) => house.jobWhen(id, 'has ended', ({ done }) => done);

it('tells what is up and since when, and changes its mind only when something changes', async () => {
  // Versions are asked for with a second's patience, and a house that has just opened may be busy.
  const first = await until(
    async () => {
      const now = await read();
      const isTold = partOf(now, 'workers')?.state !== 'unknown';
      return isTold && ['database', 'temporal'].every((name) => partOf(now, name)?.version) && now;
    },
    { what: 'all versions are told, and whether there are workers' },
  );
  expect(first.version).toMatch(/^\d+\.\d+\.\d+$/);
  expect(first.runtime).toContain('Node');
  for (const name of ['api', 'database', 'temporal']) {
    const part = partOf(first, name);
    expect(part).toMatchObject({ state: 'up', version: expect.stringMatching(/^\d+\./) });
    expect(Date.parse(part?.since ?? '')).toBeLessThanOrEqual(Date.now());
  }
  expect(first.queues.map(({ kind }) => kind)).toEqual(['workflows', 'activities']);
  expect(first.addresses.find(({ name }) => name === 'Temporal UI')?.url).toBe('http://127.0.0.1:8233');
  expect(JSON.stringify(first)).not.toMatch(/postgres:|password|sk-/i);
  expect(first.keys).toEqual({ inUse: false, operator: true });
  // A task queue that nobody has asked has no worker.
  expect(partOf(first, 'workers')?.state).toBe('down');
  const worker = await house.startWorker();
  const second = await until(
    async () => {
      const now = await read();
      return partOf(now, 'workers')?.state === 'up' && now;
    },
    { what: 'the worker is seen' },
  );
  expect(second.queues.find(({ kind }) => kind === 'activities')?.workers).toBeGreaterThan(0);
  expect(Date.parse(partOf(second, 'workers')?.since ?? '')).toBeGreaterThan(
    Date.parse(partOf(first, 'workers')?.since ?? ''),
  );

  // A provider is as its last calls went; nobody calls it to find out.
  expect(providerOf(second, 'openai')).toMatchObject({ state: 'unknown', since: null, lastCallAt: null });
  expect(providerOf(second, 'rules')).toMatchObject({ state: 'up', models: ['rules'] });
  const ask = (model: string) => house.submitJob('ask', { prompt: 'Hello', model });
  await ended((await ask('openai/answer')).id);
  const well = providerOf(await read(), 'openai');
  expect(well).toMatchObject({ state: 'up', failureCode: null });
  await ended((await ask('openai/answer')).id);
  const again = providerOf(await read(), 'openai');
  expect(again?.since).toBe(well?.since);
  await ended((await ask('openai/wrong-key')).id);
  expect(providerOf(await read(), 'openai')).toMatchObject({
    state: 'down',
    failureCode: 'provider-key-refused',
  });
  await worker.stop();
});

it('tells of the calls of others to operators alone', async () => {
  const [olga, ben] = await Promise.all([makeKey(house.db, 'olga'), makeKey(house.db, 'ben')]);
  await until(async () => (await house.request('GET', '/v1/system')).status === 401, {
    what: 'a key is asked for',
  });
  const seenBy = async (headers: Record<string, string>) => providerOf(await read(headers), 'openai')?.state;
  expect(await seenBy(olga.headers)).toBe('down');
  expect(await seenBy(ben.headers)).toBe('unknown');
});

failOnLeftovers();
