import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../store/database.js';
import { migrate } from '../../../store/migrations.js';
import { createPlaces } from '../../../store/places.js';
import { type Confirming, createWorkbookChats } from '../../../store/workbook-chats.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let chats: ReturnType<typeof createWorkbookChats>;
let places: ReturnType<typeof createPlaces>;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 4);
  await migrate(db);
  chats = createWorkbookChats(db);
  places = createPlaces(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const kind = 'runWorkbookPlan';

async function opened() {
  const key = { owner: randomUUID(), chat: randomUUID() };
  await chats.create({ ...key, participant: 'user' });
  return key;
}

/** A confirm of a plan "a" on a file, and of whatever differs. */
const confirm = (
  key: { owner: string; chat: string },
  more: Partial<Confirming> & { file?: string } = {},
) => {
  const { file = 'f1', ...rest } = more;
  const usual = { job: randomUUID(), seen: null, asked: 'a', run: 'a', shown: [], kind };
  return chats.confirm(key, { ...usual, told: { file }, ...rest });
};

const pendingOf = async (key: { owner: string; chat: string }) =>
  (await chats.find(key))?.pending_job ?? null;
const placesOf = async (lane: string) => {
  const rows = db.selectFrom('places').select('job_id').where('lane', '=', lane).orderBy('position');
  return (await rows.execute()).map((row) => row.job_id);
};

describe('a confirm', () => {
  it('that is repeated is the same job with the same file, whatever was uploaded since', async () => {
    const key = await opened();
    const first = await confirm(key);
    expect(first).toMatchObject({ how: 'start', told: { file: 'f1' }, again: false });
    const job = 'job' in first ? first.job : '';
    for (const more of [{}, { asked: null, run: 'none' }]) {
      const again = await confirm(key, { ...more, file: 'f2' });
      expect(again).toEqual({ how: 'start', job, told: { file: 'f1' }, again: true });
    }
    expect(await confirm(key, { asked: 'b', run: 'b', file: 'f2' })).toMatchObject({ told: { file: 'f2' } });
  });

  it('of the plan that waits is the same job when that plan is sent along the next time', async () => {
    const key = await opened();
    const job = `${key.chat}-waits`;
    await chats.propose(key, job);
    const told = { file: 'f1' };
    expect(await confirm(key, { asked: null, seen: job })).toEqual({ how: 'answer', job, told });
    for (const asked of [null, 'a']) {
      expect(await confirm(key, { asked, file: 'f2' })).toEqual({ how: 'same', job, told });
    }
  });

  it('decides nothing when another plan waits than the one that was looked at', async () => {
    const key = await opened();
    await chats.propose(key, `${key.chat}-1`);
    await chats.propose(key, `${key.chat}-2`);
    for (const seen of [null, `${key.chat}-1`]) {
      expect(await confirm(key, { seen })).toEqual({ how: 'changed' });
    }
    expect([await pendingOf(key), await placesOf(key.chat)]).toEqual([`${key.chat}-2`, []]);
  });

  it('gives jobs their places in its order, and one that does not come to be gives its own up', async () => {
    const key = await opened();
    for (const [place, plan] of ['a', 'b', 'c'].entries()) {
      await confirm(key, { job: `${key.chat}-${place}`, asked: plan, run: plan });
    }
    const [first, second, third] = [0, 1, 2].map((place) => `${key.chat}-${place}`);
    expect(await placesOf(key.chat)).toEqual([first, second, third]);
    const take = (jobId = '') => places.take({ jobId, owner: key.owner, kind, lane: key.chat, most: 5 });
    expect(await take(third)).toBe(false);
    expect(await places.waitingBefore(third ?? '')).toEqual([first, second]);
    await chats.drop(key, first ?? '');
    await places.leave(second ?? '');
    expect([await placesOf(key.chat), await take(third)]).toEqual([[third], true]);
    // It runs, and keeps its place.
    await places.leave(third ?? '');
    expect(await placesOf(key.chat)).toEqual([third]);
  });
});

describe('what is forgotten', () => {
  it('is the plan that waited, and no other', async () => {
    const key = await opened();
    await chats.propose(key, `${key.chat}-1`);
    await chats.propose(key, `${key.chat}-2`);
    await chats.forgetPending(key, `${key.chat}-1`);
    expect(await pendingOf(key)).toBe(`${key.chat}-2`);
    await chats.forgetPending(key, `${key.chat}-2`);
    expect(await pendingOf(key)).toBeNull();
  });

  it('is a request that a job is at, and no other', async () => {
    const key = await opened();
    await chats.asked(key, 'first');
    await chats.asked(key, 'second');
    await chats.answered(key, 'first');
    expect((await chats.find(key))?.request).toBe('second');
    await chats.propose(key, `${key.chat}-1`);
    expect((await chats.find(key))?.request).toBe('second');
    await chats.answered(key, 'second');
    expect((await chats.find(key))?.request).toBeNull();
  });
});

describe('an owner with two places', () => {
  it('has two jobs run at once, one of a conversation, and the next one when one of them is over', async () => {
    const owner = randomUUID();
    const take = (jobId: string, lane: string | null = null) =>
      places.take({ jobId: `${owner}-${jobId}`, owner, kind, lane, most: 2 });
    expect([await take('a1', 'a'), await take('a2', 'a'), await take('b'), await take('c')]).toEqual([
      ...[true, false, true, false],
    ]);
    await db.deleteFrom('places').where('job_id', '=', `${owner}-b`).execute();
    // The second one of its conversation is before it, and is not ready.
    expect([await take('c'), await take('a2', 'a'), await take('d')]).toEqual([true, false, false]);
    await db.deleteFrom('places').where('job_id', '=', `${owner}-a1`).execute();
    expect([await take('d'), await take('a2', 'a')]).toEqual([false, true]);
  });
});

describe('the end of a job', () => {
  it('is told to the next ones whose turn it may be, one of a conversation', async () => {
    const owner = randomUUID();
    const take = (jobId: string, lane: string | null) =>
      places.take({ jobId: `${owner}-${jobId}`, owner, kind, lane, most: 1 });
    expect(await take('runs', 'x')).toBe(true);
    for (const [job, lane] of [
      ['x1', 'x'],
      ['x2', 'x'],
      ['y1', 'y'],
      ['y2', 'y'],
      ['z1', null],
    ] as const) {
      expect(await take(job, lane)).toBe(false);
    }
    const next = async () => (await places.nextOf({ owner, kind })).map((job) => job.slice(owner.length + 1));
    // Its own place still stands before those of its conversation.
    expect(await next()).toEqual(['y1', 'z1']);
    const end = { status: 'succeeded', finishedAt: new Date().toISOString(), failure: null };
    await db
      .insertInto('outcomes')
      .values({
        ...{ job_id: `${owner}-runs`, run_id: 'run', type: kind, owner, status: 'succeeded' },
        ...{ job: JSON.stringify({ outcome: end }), finished_at: end.finishedAt },
      })
      .execute();
    expect(await next()).toEqual(['x1', 'y1']);
    expect(await places.nextOf({ owner: 'nobody', kind })).toEqual([]);
  });
});

failOnLeftovers();
