import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApplicationFailureCategory } from '@temporalio/common';
import { createOutcomeActivities } from '../../../activities/frame/outcome.js';
import { runInStep } from '../../../activities/frame/step.js';
import { createTurnActivities } from '../../../activities/frame/turn.js';
import type { ArchivedJob } from '../../../job-types/contract/outcome.js';
import { type Concurrency, createConcurrency } from '../../../store/concurrency.js';
import { type Database, openDatabase } from '../../../store/database.js';
import { migrate } from '../../../store/migrations.js';
import { freePort } from '../../../scripts/local/ports.js';
import { createEvents } from '../../../store/events.js';
import { createJobOver } from '../../../store/job-over.js';
import { createOutcomes } from '../../../store/outcomes.js';
import { createReceipts } from '../../../store/receipts.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { recordingStep } from '../../harness/recording-step.js';
import { agePlace } from '../../harness/age-place.js';

let database: TestDatabase;
let db: Database;
let concurrency: Concurrency;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.url, { name: 'test', maxConnections: 8, onConnectionLost: () => undefined });
  await migrate(db);
  concurrency = createConcurrency(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const open = async () => true;
const unknown = async () => null;

/** Jobs with places under a key of their own, in the order given. */
async function line(...names: string[]) {
  const key = { owner: 'local', type: 'extractArticle', key: randomUUID() };
  const place = (name: string) => ({ ...key, jobId: `${name}-${key.key}` });
  for (const name of names) await concurrency.enter(place(name));
  const short = (jobId: string | null) => jobId?.split('-')[0] ?? null;
  return {
    place,
    hold: (name: string) => concurrency.hold(place(name)),
    release: async (name: string, isOpen: (name: string) => Promise<boolean | null> = open) =>
      short(await concurrency.release(place(name), (jobId) => isOpen(short(jobId) ?? ''))),
    holder: async (isOpen: (name: string) => Promise<boolean | null>) =>
      short(await concurrency.holder(key, (jobId) => isOpen(short(jobId) ?? ''))),
  };
}

describe('the places under a concurrency key', () => {
  it('let the first take hold, and nobody else', async () => {
    const { hold } = await line('a', 'b');
    expect([await hold('b'), await hold('a'), await hold('b'), await hold('a'), await hold('c')]).toEqual([
      false,
      true,
      false,
      true,
      false,
    ]);
  });

  it('keep the one who holds the key before a lower number that becomes visible later', async () => {
    const { place, hold, holder } = await line();
    const entered = Promise.withResolvers<void>();
    const visible = Promise.withResolvers<void>();
    const slow = db.transaction().execute(async (trx) => {
      await createConcurrency(trx).enter(place('slow'));
      entered.resolve();
      await visible.promise;
    });
    await entered.promise;
    await concurrency.enter(place('fast'));
    expect(await hold('fast')).toBe(true);
    visible.resolve();
    await slow;
    expect([await hold('slow'), await holder(open)]).toEqual([false, 'fast']);
  });

  it('pass from a job that never started to the next after a while, and not before', async () => {
    const { place, holder, hold } = await line('lost', 'next');
    expect(await holder(unknown)).toBe('lost');
    await agePlace(db, place('lost').jobId);
    expect(await holder(async (name) => (name === 'lost' ? null : true))).toBe('next');
    expect([await hold('lost'), await hold('next')]).toEqual([false, true]);
  });

  it('stay with a job that takes hold at the very moment in which it is given up for lost', async () => {
    const { place, hold, holder } = await line('late', 'next');
    await agePlace(db, place('late').jobId);
    const held: boolean[] = [];
    // Temporal is asked, and has not heard of it yet; then it starts, and then the answer arrives.
    const look = async () => (held.push(await hold('late')) === 1 ? null : true);
    expect(await holder(look)).toBe('late');
    expect([held, await hold('next')]).toEqual([[true, true], false]);
  });

  it('name the next one as often as the end is told, until it works', async () => {
    const { hold, release } = await line('a', 'b', 'c');
    await hold('a');
    expect(await release('c')).toBeNull();
    expect([await release('a'), await release('a')]).toEqual(['b', 'b']);
    await hold('b');
    expect(await release('a')).toBeNull();
  });
});

describe('a place that is given up', () => {
  it('names the next one that is open, past those that ended in the queue', async () => {
    const { place, release } = await line('a', 'closed', 'lost', 'b', 'c');
    await agePlace(db, place('lost').jobId);
    const known: Record<string, boolean | null> = { closed: false, lost: null, b: true };
    expect(await release('a', async (name) => known[name] ?? null)).toBe('b');
  });
});

describe('a look at whose turn it is', () => {
  const look = (places: Concurrency, isOpen: () => Promise<boolean | null>) => {
    const { awaitTurn } = createTurnActivities({
      concurrency: places,
      isOpen,
      writer: { write: () => undefined },
    });
    const turn = { owner: 'local', type: 'extractArticle', key: randomUUID() };
    return runInStep(recordingStep(), () => awaitTurn(turn)).catch((error: unknown) => error);
  };

  it('that meets an outage of the database is followed by another, without a line in the log', async () => {
    const away = openDatabase(`postgres://127.0.0.1:${await freePort()}/away`, {
      name: 'test',
      maxConnections: 1,
      onConnectionLost: () => undefined,
    });
    expect(await look(createConcurrency(away), open)).toMatchObject({
      type: 'storage-unavailable',
      nonRetryable: false,
      category: ApplicationFailureCategory.BENIGN,
    });
    await away.destroy();
  });

  it('that fails for a reason nobody foresaw is followed by another, and is in the log', async () => {
    const refuses = { ...concurrency, hold: () => Promise.reject(new Error('out of patience')) };
    expect(await look(refuses, open)).toMatchObject({
      type: 'turn-unknown',
      nonRetryable: false,
      category: undefined,
    });
  });
});

describe('the archive of a job with a concurrency key', () => {
  it('calls the next one again when the worker died before it had called it', async () => {
    const { place } = await line('next');
    const { owner, type, key } = place('next');
    await db.deleteFrom('concurrency_queue').where('key', '=', key).execute();
    await concurrency.enter({ owner, type, key, jobId: 'job-1' });
    await concurrency.enter(place('next'));
    const called: string[] = [];
    const { archiveOutcome } = createOutcomeActivities({
      receipts: createReceipts(db),
      writer: { flush: async () => true },
      log: { info: () => undefined },
      jobOver: createJobOver({
        outcomes: createOutcomes(db),
        events: createEvents(db),
        announce: () => undefined,
        concurrency,
        places: { nextOf: async () => [] },
        isOpen: open,
        async callTurn(jobId) {
          called.push(jobId);
          if (called.length === 1) throw new Error('the worker was killed');
        },
      }),
    });
    const end = { status: 'succeeded', finishedAt: new Date().toISOString(), failure: null };
    const job = { type, owner, createdAt: end.finishedAt, memo: { concurrencyKey: key }, outcome: end };
    const archive = () => runInStep(recordingStep(), () => archiveOutcome(job as unknown as ArchivedJob));
    await expect(archive()).rejects.toThrow('the worker was killed');
    await archive();
    expect(called).toEqual([place('next').jobId, place('next').jobId]);
  });
});

failOnLeftovers();
