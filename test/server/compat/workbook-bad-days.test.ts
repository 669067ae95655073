import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { lockTable } from '../../harness/table-lock.js';
import { whileBusy } from '../../harness/while-busy.js';
import { type WorkbookClient, toJson, workbookClient } from '../../harness/workbook-client.js';

let house: House;
let client: WorkbookClient;

beforeAll(async () => {
  house = await openHouse({ MODEL: '', CHAT_CONCURRENCY: '1' });
  await house.startWorker();
  client = workbookClient(house);
});
afterAll(() => house.close());

const places = async (): Promise<string[]> =>
  (await house.db.selectFrom('places').select('job_id').where('held', '=', true).execute()).map(
    (row) => row.job_id,
  );

const longPlan = 'a-long-plan';

/** Takes the only place of the owner, as a long plan would. */
const takeThePlace = () =>
  house.db
    .insertInto('places')
    .values({ job_id: longPlan, owner: 'local', kind: 'runWorkbookPlan', lane: null, held: true })
    .execute();

const giveItBack = () => house.db.deleteFrom('places').where('job_id', '=', longPlan).execute();

describe('a plan that waits', () => {
  it('is one job whoever confirms it at once, and whoever confirms it again', async () => {
    const { chat, job } = await client.proposed();
    const answers = await Promise.all([client.confirm(chat), client.confirm(chat), client.confirm(chat)]);
    expect(answers.map(({ status, body }) => [status, body.data.job_id])).toEqual([
      [202, job],
      [202, job],
      [202, job],
    ]);
    expect(await client.ended(chat, job)).toMatchObject({ status: 'completed' });
    expect((await client.confirm(chat)).body.data.job_id).toBe(job);
  });

  it('is one job for those who confirm the same edited plan where none waits', async () => {
    const chat = await client.open();
    await client.upload(chat);
    const answers = await Promise.all([1, 2, 3].map(() => client.confirm(chat, [toJson])));
    const [first = '', ...others] = new Set(answers.map(({ body }) => body.data.job_id));
    expect(others).toEqual([]);
    expect(await client.ended(chat, first)).toMatchObject({ status: 'completed' });
    await client.upload(chat);
    const again = await client.confirm(chat, [toJson]);
    expect(again.body.data.job_id).not.toBe(first);
    await client.ended(chat, again.body.data.job_id);
  });

  it('is either run or declined, however close the two come', async () => {
    for (const _ of [1, 2, 3]) {
      const { chat, job } = await client.proposed();
      const [confirmed, declined] = await Promise.all([client.confirm(chat), client.decline(chat)]);
      expect(declined.status).toBe(200);
      const { status } = await client.ended(chat, job);
      expect([confirmed.status, status]).toEqual(
        confirmed.status === 202 ? [202, 'completed'] : [400, 'cancelled'],
      );
    }
  });

  it('is not run when its job was told no by another way, and the confirm says so', async () => {
    const { chat, job } = await client.proposed();
    const no = { name: 'confirm', value: { confirmed: false } };
    const say = () => house.request('POST', `/v1/jobs/${job}/input`, no);
    expect((await whileBusy(say, ({ status }) => status)).status).toBe(200);
    expect((await client.confirm(chat)).status).toBe(400);
    expect(await client.ended(chat, job)).toMatchObject({ status: 'cancelled' });
  });
});

it('a plan is not said to run while its job, which was told no, has not shown it yet', async () => {
  const { chat, job } = await client.proposed();
  // The job tells of its answer before it ends, and has to wait with that.
  const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'event_logs');
  try {
    const no = { name: 'confirm', value: { confirmed: false } };
    const say = () => house.request('POST', `/v1/jobs/${job}/input`, no);
    expect((await whileBusy(say, ({ status }) => status)).status).toBe(200);
    expect((await workbookClient(house, { asksAgain: false }).confirm(chat)).status).toBe(503);
  } finally {
    await lock.release();
  }
  expect((await client.confirm(chat)).status).toBe(400);
  expect(await client.ended(chat, job)).toMatchObject({ status: 'cancelled' });
});

describe('of an owner with one place', () => {
  // A test that fails in between leaves the place to the next one.
  afterEach(giveItBack);

  it('the second plan is pending until the first is over, and can be cancelled by a word', async () => {
    await takeThePlace();
    const { chat, job } = await client.proposed();
    const other = await client.proposed();
    for (const confirmed of [await client.confirm(chat), await client.confirm(other.chat)]) {
      expect(confirmed).toMatchObject({ status: 202 });
    }
    await house.jobWhen(other.job, 'the other one queues', ({ status }) => status === 'queued');
    expect((await client.status(other.chat, other.job)).body.data.status).toBe('pending');
    await client.say(other.chat, 'cancel');
    expect(await client.ended(other.chat, other.job)).toMatchObject({ status: 'cancelled' });
    expect((await client.status(chat, job)).body.data.status).toBe('pending');
    await giveItBack();
    expect(await client.ended(chat, job)).toMatchObject({ status: 'completed' });
    expect(await places()).toContain(job);
  });

  it('two plans of a conversation run in their order', async () => {
    await takeThePlace();
    const { chat, job } = await client.proposed();
    expect(await client.confirm(chat)).toMatchObject({ status: 202 });
    await house.jobWhen(job, 'the first one queues', ({ status }) => status === 'queued');
    await client.say(chat, 'JSON again');
    const second = (await client.confirm(chat)).body.data.job_id;
    expect(second).not.toBe(job);
    await house.jobWhen(second, 'the second one queues', ({ status }) => status === 'queued');
    await giveItBack();
    await client.ended(chat, second);
    const ends = await Promise.all([house.job(job), house.job(second)]);
    expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    const begun = ends.map(({ steps }) => steps.find(({ name }) => name === 'run')?.startedAt ?? '');
    expect(begun).toEqual(begun.toSorted());
  });
});

it('a step that fails ends the plan, and says which it was', async () => {
  const chat = await client.open();
  await client.upload(chat);
  const wrong = { operation: 'json/generate', arguments: { columns: ['nobody'] } };
  const { job_id: job } = (await client.confirm(chat, [wrong, toJson])).body.data;
  const end = await client.ended(chat, job);
  expect(end).toMatchObject({
    status: 'failed',
    result: null,
    error: expect.stringContaining('Step 1 of 2'),
  });
  expect((await client.history(chat)).workflow_steps.map(({ status }) => status)).toEqual([
    'failed',
    'skipped',
  ]);
});

it('a plan outlives the worker and the API, and is then confirmed', async () => {
  const first = await openHouse({ MODEL: '' });
  let second: House | null = null;
  try {
    const worker = await first.startWorker();
    const { chat, job } = await workbookClient(first).proposed();
    await worker.stop();
    // The same database, Temporal and queue, in another process of the API.
    second = await openHouse({ ...first.env, MODEL: '' });
    await first.api.close();
    await second.startWorker();
    const later = workbookClient(second);
    const answer = await later.confirm(chat);
    expect([answer.status, answer.body.data.job_id]).toEqual([202, job]);
    expect(await later.ended(chat, job)).toMatchObject({ status: 'completed' });
  } finally {
    await second?.close();
    await first.close();
  }
});

failOnLeftovers();
