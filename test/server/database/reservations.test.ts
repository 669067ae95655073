import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../../store/database.js';
import { migrate } from '../../../store/migrations.js';
import { type NewCall, type Settlement, createModelCalls } from '../../../store/model-calls.js';
import type { Limits } from '../../../store/reservations.js';
import { openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: Awaited<ReturnType<typeof testDatabase>>;
let db: Database;
let calls: ReturnType<typeof createModelCalls>;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 10);
  await migrate(db);
  calls = createModelCalls(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const none: Limits = { maxCostUsd: null, maxTokens: null, dayUsd: null, monthUsd: null };

const newCall = (jobId: string, owner: string): NewCall => ({
  jobId,
  rootJobId: jobId,
  jobType: 'ask',
  runId: 'run',
  step: 'answer',
  item: null,
  activity: 'answer',
  attempt: 1,
  owner,
  model: 'openai/any',
  prompt: 'ask',
  startedAt: new Date().toISOString(),
  inputTokens: 10,
  costUsd: 10,
  outputMtokUsd: 1_000_000,
});

/** A dollar for a token: 10 of input, up to 100 of output. */
const wanted = { inputTokens: 10, outputTokens: 100, least: 16, inputUsd: 10, tokenUsd: 1 };

const reserve = (jobId: string, { owner = jobId, ...limits }: Partial<Limits> & { owner?: string }) =>
  calls.reserve(newCall(jobId, owner), { limits: { ...none, ...limits }, wanted });

const settled = (outputTokens: number): Settlement => ({
  outcome: 'answered',
  failureCode: null,
  providerId: null,
  answeredBy: null,
  firstTokenMs: 1,
  inputTokens: 10,
  cachedInputTokens: null,
  outputTokens,
  reasoningTokens: null,
  costUsd: 10 + outputTokens,
  estimated: false,
});

const idOf = (reserved: Awaited<ReturnType<typeof reserve>>): string => {
  if (typeof reserved === 'string' || !('id' in reserved)) throw new Error('there was no room');
  return reserved.id;
};

describe.each([
  ['its job in dollars', 'maxCostUsd'],
  ['its job in tokens', 'maxTokens'],
  ['its owner in a day', 'dayUsd'],
  ['its owner in a month', 'monthUsd'],
] as const)('a call with a limit of %s', (_, limit) => {
  const job = `job of ${limit}`;

  it('finds room once, however many ask at the same time, and the rest wait for those under way', async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => reserve(job, { [limit]: 250 })));
    const open = all.filter((one) => one !== 'held');
    expect(open).toMatchObject([{ outputTokens: 100 }, { outputTokens: 100 }]);
    expect(await reserve(job, { [limit]: 250 })).toBe('held');

    const [first, second] = open.map(idOf);
    await calls.settle(first ?? '', settled(20));
    // 30 are spent, 110 are held, and 110 are left.
    const third = await reserve(job, { [limit]: 250 });
    expect(third).toMatchObject({ outputTokens: 100, cappedBy: null });
    await calls.settle(second ?? '', settled(100));
    await calls.settle(idOf(third), settled(50));
    const last = await reserve(job, { [limit]: 250 });
    expect(last).toMatchObject({ outputTokens: 40, cappedBy: { cap: 250, spent: 200 } });
    await calls.settle(idOf(last), settled(40));
    expect(await reserve(job, { [limit]: 250 })).toMatchObject({ exceeded: { cap: 250, spent: 250 } });
    expect(await reserve(`another ${job}`, { [limit]: 250 })).toHaveProperty('id');
  });
});

it('counts the calls of all jobs of an owner, and only those of today for the day', async () => {
  const owner = 'ann';
  const yesterday = new Date(Date.now() - 24 * 60 * 60 * 1_000).toISOString();
  const before = await calls.open({ ...newCall('a', owner), startedAt: yesterday });
  await calls.settle(before, settled(90));
  await calls.settle(idOf(await reserve('b', { owner, dayUsd: 150 })), settled(90));
  expect(await reserve('c', { owner, dayUsd: 150 })).toMatchObject({ outputTokens: 40 });
  expect(await reserve('d', { owner, dayUsd: 100 })).toMatchObject({ exceeded: { spent: 100 } });
});

it('does not wait for ever for a call whose caller is gone', async () => {
  const longAgo = new Date(Date.now() - 20 * 60 * 1_000).toISOString();
  const limits = { ...none, maxTokens: 120 };
  await calls.reserve({ ...newCall('e', 'bob'), startedAt: longAgo }, { limits, wanted });
  expect(await reserve('e', { owner: 'bob', maxTokens: 120 })).toMatchObject({ outputTokens: 100 });
});

failOnLeftovers();
