import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { EventType } from '../../../job-types/contract/event.js';
import type { Database } from '../../../store/database.js';
import { type Events, type NewEvent, createEvents } from '../../../store/events.js';
import { type Items, createItems } from '../../../store/items.js';
import { migrate } from '../../../store/migrations.js';
import { type Receipts, createReceipts } from '../../../store/receipts.js';
import { createTexts } from '../../../store/texts.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let events: Events;
let items: Items;
let receipts: Receipts;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 4);
  await migrate(db);
  events = createEvents(db);
  items = createItems(db);
  receipts = createReceipts(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

let count = 0;
const told = (item: string, type: EventType, more: Partial<NewEvent> = {}): NewEvent => {
  const { attempt = 1 } = more;
  count += 1;
  const scope = `run-1/write:${item}`;
  const key = `${scope}/${attempt}/${count}`;
  return { key, type, time: new Date().toISOString(), step: 'write', item, attempt, scope, ...more };
};
const failed = (item: string, retryable: boolean) =>
  told(item, 'step.failed', { data: { failure: { code: 'no-words', retryable } } });

const newJob = () => `job_${randomUUID()}`;
const typesOf = async (job: string) =>
  (await events.list(job, { after: 0, limit: 100 })).map(({ type, item }) => `${type} ${item}`);

describe('the log of a step with items', () => {
  it('counts how each of them stands, and pages them in the order in which they began', async () => {
    const job = newJob();
    await events.append(job, [
      ...['b', 'a', 'c', 'd'].map((item) => told(item, 'step.started')),
      told('a', 'step.succeeded'),
      failed('c', false),
      failed('d', true),
      { key: 'run-1/plan', type: 'step.succeeded', time: new Date().toISOString(), step: 'plan' },
    ]);
    expect(await events.items(job)).toMatchObject([{ step: 'write', done: 1, failed: 1, open: 2 }]);
    expect((await events.steps({ jobId: job, runId: 'run-1' })).map(({ step }) => step)).toEqual(['plan']);
    const first = await items.list(job, { limit: 3 });
    const rest = await items.list(job, { after: first.at(-1)?.id, limit: 3 });
    expect([...first, ...rest].map(({ item, status, failure }) => [item, status, failure?.code])).toEqual([
      ['b', 'running', undefined],
      ['a', 'succeeded', undefined],
      ['c', 'failed', 'no-words'],
      ['d', 'retrying', 'no-words'],
    ]);
    expect((await items.list(job, { limit: 9, status: 'failed' })).map(({ item }) => item)).toEqual(['c']);
    expect(await items.list(job, { limit: 9, step: 'read' })).toEqual([]);
  });

  it('drops the text of the item that begins again, and of no other', async () => {
    const job = newJob();
    const says = (item: string, attempt = 1) => [
      told(item, 'output.reset', { attempt }),
      told(item, 'output.delta', { attempt, data: { text: item } }),
    ];
    await events.append(job, [...says('a'), ...says('b')]);
    expect(await typesOf(job)).toEqual(['output.delta a', 'output.delta b']);
    await events.append(job, says('a', 2));
    expect((await typesOf(job)).slice(2)).toEqual(['output.reset a', 'output.delta a']);
  });

  it('takes nothing more of an attempt that another has followed, also when that has succeeded', async () => {
    const job = newJob();
    await events.append(job, [told('a', 'step.started'), told('a', 'step.started', { attempt: 2 })]);
    await events.append(job, [told('a', 'job.progress')]);
    await events.append(job, [told('a', 'step.succeeded', { attempt: 2 })]);
    await events.append(job, [told('a', 'job.progress'), told('a', 'output.delta', { data: { text: 'x' } })]);
    expect(await typesOf(job)).toEqual(['step.started a', 'step.started a', 'step.succeeded a']);
    const log = db.selectFrom('event_logs').select('attempts').where('job_id', '=', job);
    expect(await log.executeTakeFirst()).toEqual({ attempts: {} });
  });
});

describe('a receipt', () => {
  it('is of one item, and so is the text that a step has fetched', async () => {
    const [rootJobId, runId] = [newJob(), randomUUID()];
    const key = (item: string | null) => ({ rootJobId, step: 'write', item, runId });
    for (const item of ['a', 'b', null]) await receipts.put({ ...key(item), kind: 'reused' }, `of ${item}`);
    const found = await Promise.all(['a', 'b', null, 'c'].map((item) => receipts.find(key(item))));
    expect(found.map((one) => one?.outcome)).toEqual(['of a', 'of b', 'of null', undefined]);
    expect(await receipts.settle(key('c'))).toBeNull();
    expect(await receipts.once(key('d'), async () => 'done')).toBe('done');
    await expect(receipts.once(key('c'), async () => 'done')).rejects.toThrow('gave the step write up');

    const texts = createTexts(db);
    const text = { rootJobId, step: 'fetch', owner: 'ann', url: 'https://a', title: null, language: null };
    const put = (item: string) => texts.put({ ...text, item, text: item });
    const [one, other, again] = [await put('a'), await put('b'), await put('a')];
    expect([again === one, other === one]).toEqual([true, false]);
  });
});

failOnLeftovers();
