import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { OwnerEvent } from '../../../job-types/contract/event.js';
import type { Database } from '../../../store/database.js';
import {
  type About,
  type Events,
  type NewEvent,
  createEvents,
  feedsChannel,
  readFeedNotice,
  stateKey,
} from '../../../store/events.js';
import { type Feeds, createFeeds } from '../../../store/feeds.js';
import { createGlances } from '../../../store/glances.js';
import { createListener } from '../../../store/listener.js';
import { migrate } from '../../../store/migrations.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { numbers, upTo } from '../../harness/watched-jobs.js';

let database: TestDatabase;
let db: Database;
let events: Events;
let feeds: Feeds;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 24);
  await migrate(db);
  events = createEvents(db);
  feeds = createFeeds(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const newJob = () => `job_${randomUUID()}`;
const newOwner = () => `owner-${randomUUID()}`;
const event = (type: NewEvent['type'], more: Partial<NewEvent> = {}): NewEvent => ({
  key: randomUUID(),
  type,
  time: new Date().toISOString(),
  ...more,
});
const of = (owner: string, more: Partial<About> = {}): About => ({ owner, type: 'extractArticle', ...more });
const feedOf = (owner: string) => feeds.list(owner, { after: 0, limit: 10_000 });
const told = (entries: readonly OwnerEvent[]) => entries.map(({ job, event: { type } }) => [job, type]);

describe('the feed of an owner', () => {
  it('has the states and the end of each job, and nothing else', async () => {
    const [owner, job] = [newOwner(), newJob()];
    const about = of(owner, { subject: 'a lighthouse', tags: ['a'] });
    await events.append(job, [event('job.queued', { about })]);
    await events.append(job, [event('job.running'), event('step.started', { step: 'fetch' })]);
    await events.append(job, [event('job.progress'), event('output.delta'), event('step.succeeded')]);
    await events.append(job, [event('job.cancelling'), event('job.cancelled'), event('end')]);
    const entries = await feedOf(owner);
    expect(numbers(entries)).toEqual(upTo(5));
    expect(entries.map(({ event: { seq, type } }) => [seq, type])).toEqual([
      [1, 'job.queued'],
      [2, 'job.running'],
      [7, 'job.cancelling'],
      [8, 'job.cancelled'],
      [9, 'end'],
    ]);
    for (const entry of entries) {
      expect(entry).toMatchObject({ job, jobType: 'extractArticle', subject: 'a lighthouse' });
    }
  });

  it('says whose it is when it has grown, and nobody when it has not', async () => {
    const [owner, job] = [newOwner(), newJob()];
    expect(await events.append(job, [event('job.running')])).toBeNull();
    expect(await events.append(job, [event('job.progress', { about: of(owner) })])).toBe(owner);
    expect(await events.append(job, [event('step.started'), event('job.progress')])).toBeNull();
    expect(await events.append(job, [event('job.succeeded')])).toBe(owner);
  });

  it('takes up what was told before the owner was known, in its order and once', async () => {
    const [owner, job] = [newOwner(), newJob()];
    await events.append(job, [event('job.running'), event('step.started', { step: 'fetch' })]);
    expect(await feedOf(owner)).toEqual([]);
    await events.append(job, [event('job.waiting', { about: of(owner) })]);
    await events.append(job, [event('job.succeeded', { about: of(owner) })]);
    const types = ['job.running', 'job.waiting', 'job.succeeded'];
    expect(told(await feedOf(owner))).toEqual(types.map((type) => [job, type]));
  });

  it('takes nothing twice, and nothing of what the log refuses', async () => {
    const [owner, job] = [newOwner(), newJob()];
    const running = event('job.running', { about: of(owner) });
    await Promise.all(upTo(8).map(() => events.append(job, [running])));
    await events.append(job, [event('end'), event('job.failed')]);
    await events.append(job, [event('job.failed')]);
    expect(told(await feedOf(owner))).toEqual([
      [job, 'job.running'],
      [job, 'end'],
    ]);
  });

  it('is numbered without gaps under many writers of many jobs, and no reader ever sees a gap', async () => {
    const owner = newOwner();
    const work = { done: false };
    const watched: number[][] = [];
    const reader = (async () => {
      while (!work.done) watched.push(numbers(await feedOf(owner)));
    })();
    const states = ['job.queued', 'job.running', 'job.succeeded', 'end'] as const;
    await Promise.all(
      upTo(20).map(async () => {
        for (const _ of upTo(5)) {
          const job = newJob();
          for (const type of states) {
            await events.append(job, [event(type, { about: of(owner) }), event('job.progress')]);
          }
        }
      }),
    );
    work.done = true;
    await reader;
    const entries = await feedOf(owner);
    expect(numbers(entries)).toEqual(upTo(400));
    for (const seen of watched) expect(seen).toEqual(upTo(seen.length));
    expect(watched.some(({ length }) => length > 0 && length < 400)).toBe(true);
    const jobs = Map.groupBy(entries, ({ job }) => job);
    expect(jobs.size).toBe(100);
    for (const each of jobs.values()) expect(each.map(({ event: { type } }) => type)).toEqual(states);
  });

  it('holds nobody up for long, whoever else appends to the same logs at the same time', async () => {
    const owners = [newOwner(), newOwner()];
    const jobs = upTo(6).map(newJob);
    // Each log is appended to by all writers, in another order: locks that were taken in a circle would end in an error.
    await Promise.all(
      upTo(12).map(async (writer) => {
        const order = writer % 2 === 0 ? jobs : jobs.toReversed();
        for (const [index, job] of order.entries()) {
          await events.append(job, [event('job.waiting', { about: of(owners[index % 2] ?? '') })]);
        }
      }),
    );
    const lengths = await Promise.all(owners.map(async (owner) => (await feedOf(owner)).length));
    expect(lengths[0] ?? 0).toBeGreaterThan(0);
    expect((lengths[0] ?? 0) + (lengths[1] ?? 0)).toBe(72);
  });

  it('is another one for another owner, and its newest number is known without it', async () => {
    const [one, other, none] = [newOwner(), newOwner(), newOwner()];
    await events.append(newJob(), [event('job.queued', { about: of(one) }), event('job.running')]);
    await events.append(newJob(), [event('job.queued', { about: of(other) })]);
    expect([numbers(await feedOf(one)), numbers(await feedOf(other))]).toEqual([[1, 2], [1]]);
    expect(await feeds.heads([one, other, none])).toEqual(
      new Map([
        [one, 2],
        [other, 1],
        [none, 0],
      ]),
    );
    expect(numbers(await feeds.list(one, { after: 1, limit: 10 }))).toEqual([2]);
    expect(await feeds.list(one, { after: 999_999_999_999_999, limit: 10 })).toEqual([]);
  });

  it('wakes its readers by the name of its owner, whatever that is made of', async () => {
    const owners = [newOwner(), 'two words', 'a.b@c-d_e', 'ñandú'];
    const heard: string[] = [];
    const listener = createListener(database.url, { name: 'test', onError: () => undefined });
    listener.subscribe(feedsChannel, (payload) => heard.push(...readFeedNotice(payload)));
    await until(() => listener.healthy(), { what: 'the listener hears' });
    await events.announce([newJob()], { owners });
    await until(() => heard.length === owners.length, { what: 'all are heard' });
    expect(heard).toEqual(owners);
    await listener.close();
  });
});

describe('what a log knows of its job', () => {
  const known = (job: string) =>
    db
      .selectFrom('event_logs')
      .select(['owner', 'type', 'subject', 'tags'])
      .where('job_id', '=', job)
      .executeTakeFirstOrThrow();

  it('is what the first one who knew it has told, and the others fill what is missing', async () => {
    const [owner, job] = [newOwner(), newJob()];
    await events.append(job, [event('job.running')]);
    expect(await known(job)).toEqual({ owner: null, type: null, subject: null, tags: null });
    await events.append(job, [event('step.started', { about: of(owner) })]);
    await events.append(job, [event('end')]);
    await events.append(job, [
      event('job.failed', { about: of('someone else', { subject: 'it', tags: ['a', 'b'] }) }),
    ]);
    await events.append(job, [event('job.failed', { about: of(owner, { subject: 'that', tags: [] }) })]);
    expect(await known(job)).toEqual({ owner, type: 'extractArticle', subject: 'it', tags: ['a', 'b'] });
  });
});

describe('an event that has become old news', () => {
  it('is left out when another one that makes it so has been told, and kept otherwise', async () => {
    const job = newJob();
    const running = stateKey('run', 'running');
    await events.append(job, [event('job.queued', { unless: [running, 'another'] })]);
    await events.append(job, [event('job.running', { key: running })]);
    await events.append(job, [event('job.queued', { unless: [running] }), event('job.waiting')]);
    const types = (await events.list(job, { after: 0, limit: 10 })).map(({ type }) => type);
    expect(types).toEqual(['job.queued', 'job.running', 'job.waiting']);
  });
});

describe('a glance', () => {
  it('at many jobs tells the last step, its progress and how many have succeeded, past any text', async () => {
    const [fresh, busy, done, silent] = [newJob(), newJob(), newJob(), newJob()];
    const step = (type: NewEvent['type'], name: string, data = {}) => event(type, { step: name, data });
    await events.append(fresh, [event('job.queued', { about: of(newOwner(), { subject: 'fresh' }) })]);
    await events.append(busy, [
      step('step.started', 'fetch'),
      step('job.progress', 'fetch', { message: 'of an earlier step' }),
      step('step.succeeded', 'fetch'),
      step('step.started', 'extract'),
      step('job.progress', 'extract', { done: 1, total: 4 }),
      step('job.progress', 'extract', { done: 2, total: 4, message: 'half' }),
      ...upTo(50).map(() => step('output.delta', 'extract', { text: 'word' })),
    ]);
    await events.append(done, [
      step('step.started', 'fetch'),
      step('job.progress', 'fetch', { message: 'on it' }),
      step('step.succeeded', 'fetch'),
      step('step.succeeded', 'fetch'),
      event('job.succeeded'),
    ]);
    const glances = await createGlances(db).of([fresh, busy, done, silent]);
    expect(Object.fromEntries(glances)).toEqual({
      [fresh]: { subject: 'fresh', last: null, progress: null, succeeded: 0 },
      [busy]: {
        subject: null,
        last: { step: 'extract', type: 'step.started' },
        progress: { done: 2, total: 4, message: 'half' },
        succeeded: 1,
      },
      [done]: {
        subject: null,
        last: { step: 'fetch', type: 'step.succeeded' },
        progress: null,
        succeeded: 1,
      },
    });
  });
});

failOnLeftovers();
