import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CallOutcome } from '../../../job-types/contract/call.js';
import type { Database } from '../../../store/database.js';
import { createEvents } from '../../../store/events.js';
import { migrate } from '../../../store/migrations.js';
import {
  type Caller,
  type ModelCalls,
  type NewCall,
  type Settlement,
  createModelCalls,
} from '../../../store/model-calls.js';
import { createOutcomes } from '../../../store/outcomes.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let calls: ModelCalls;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 12);
  await migrate(db);
  calls = createModelCalls(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

const callerOf = (more: Partial<Caller> = {}): Caller => {
  const jobId = more.jobId ?? `job_${randomUUID()}`;
  return {
    jobId,
    rootJobId: jobId,
    jobType: 'extractArticle',
    runId: 'run-1',
    step: 'extract',
    item: null,
    activity: 'extract',
    attempt: 1,
    ...more,
  };
};

/** 1,000 tokens of input for a cent; a million of output for two dollars. */
const asking = (caller: Caller, more: Partial<NewCall> = {}): NewCall => ({
  ...caller,
  owner: 'ann',
  model: 'openai/a',
  prompt: 'choose-words@1',
  startedAt: new Date().toISOString(),
  inputTokens: 1_000,
  costUsd: 0.01,
  outputMtokUsd: 2,
  ...more,
});

const settled = (outcome: CallOutcome, more: Partial<Settlement> = {}): Settlement => ({
  outcome,
  failureCode: outcome === 'malformed' ? 'malformed-answer' : outcome === 'cut' ? 'answer-cut-off' : null,
  providerId: `chatcmpl-${randomUUID()}`,
  answeredBy: null,
  firstTokenMs: 120,
  inputTokens: 900,
  cachedInputTokens: 100,
  outputTokens: 50,
  reasoningTokens: 20,
  costUsd: 0.02,
  estimated: false,
  ...more,
});

async function made(outcome: CallOutcome, of: Partial<Caller> & Partial<NewCall> & Partial<Settlement>) {
  const id = await calls.open(asking(callerOf(of), of));
  await calls.settle(id, settled(outcome, of));
  return id;
}

const outcomes = async (jobId: string) =>
  (await calls.list(jobId, { limit: 100 })).map(({ outcome }) => outcome);

const archive = (jobId: string) =>
  createOutcomes(db).put({
    jobId,
    runId: 'run-1',
    type: 'extractArticle',
    owner: 'ann',
    status: 'terminated',
    job: {},
    finishedAt: new Date().toISOString(),
  });

/** Text that an attempt has streamed. */
const say = ({ jobId, runId, activity, attempt }: Caller, texts: string[], time = new Date()) =>
  createEvents(db).append(
    jobId,
    texts.map((text) => ({
      key: `${runId}/${activity}/${attempt}/${randomUUID()}`,
      type: 'output.delta' as const,
      time: time.toISOString(),
      step: 'extract',
      attempt,
      data: { text },
    })),
  );

describe('a call', () => {
  it('stands open, with an estimate of what it costs at least, until it is settled', async () => {
    const caller = callerOf();
    const id = await calls.open(asking(caller));
    expect(await calls.list(caller.jobId, { limit: 9 })).toEqual([
      expect.objectContaining({
        id,
        outcome: null,
        settledAt: null,
        inputTokens: 1_000,
        costUsd: 0.01,
        estimated: true,
      }),
    ]);
    await calls.settle(id, settled('answered'));
    expect(await calls.list(caller.jobId, { limit: 9 })).toEqual([
      expect.objectContaining({
        outcome: 'answered',
        settledAt: expect.any(String),
        inputTokens: 900,
        cachedInputTokens: 100,
        outputTokens: 50,
        reasoningTokens: 20,
        costUsd: 0.02,
        firstTokenAfter: 0.12,
        estimated: false,
      }),
    ]);
  });

  it('is settled once, however often that is said', async () => {
    const caller = callerOf();
    const id = await calls.open(asking(caller));
    await calls.settle(id, settled('answered'));
    await calls.settle(id, settled('cancelled', { costUsd: 9 }));
    expect(await calls.list(caller.jobId, { limit: 9 })).toEqual([
      expect.objectContaining({ outcome: 'answered', costUsd: 0.02 }),
    ]);
  });
});

describe('the end of a job', () => {
  it('settles what is open as lost, by what its own attempt streamed since it began', async () => {
    const first = callerOf();
    const second = { ...first, attempt: 2 };
    await say(first, ['of another attempt']);
    await say(second, ['of a call before this one'], new Date(Date.now() - 60_000));
    await calls.open(asking(second));
    await say(second, ['12345678', 'ééé']);
    await archive(first.jobId);
    expect(await calls.list(first.jobId, { limit: 9 })).toEqual([
      // 14 bytes.
      expect.objectContaining({ outcome: 'lost', outputTokens: 4, costUsd: 0.010008, estimated: true }),
    ]);
  });

  it('knows no cost where no price is known', async () => {
    const caller = callerOf();
    await calls.open(asking(caller, { costUsd: null, outputMtokUsd: null }));
    await archive(caller.jobId);
    expect(await calls.sum(caller.jobId)).toMatchObject({ costUsd: null, wastedUsd: null, savedUsd: 0 });
  });

  it('leaves alone what is settled, and other jobs', async () => {
    const [caller, other] = [callerOf(), callerOf()];
    await made('answered', caller);
    await calls.open(asking(other));
    await archive(caller.jobId);
    expect(await outcomes(caller.jobId)).toEqual(['answered']);
    expect(await outcomes(other.jobId)).toEqual([null]);
  });

  it('keeps its outcome when the caller still tells, and takes the better numbers', async () => {
    const caller = callerOf();
    const id = await calls.open(asking(caller));
    await archive(caller.jobId);
    await calls.settle(id, settled('answered'));
    await archive(caller.jobId);
    expect(await calls.list(caller.jobId, { limit: 9 })).toEqual([
      expect.objectContaining({
        outcome: 'lost',
        costUsd: 0.02,
        outputTokens: 50,
        providerId: expect.stringMatching(/^chatcmpl/),
        estimated: false,
      }),
    ]);
  });

  it('never beats the word of a caller that tells at the same moment', async () => {
    const races = Array.from({ length: 40 }, async () => {
      const caller = callerOf();
      const id = await calls.open(asking(caller));
      await Promise.all([archive(caller.jobId), calls.settle(id, settled('answered'))]);
      const [call] = await calls.list(caller.jobId, { limit: 9 });
      return call?.costUsd === 0.02 && call.outputTokens === 50 && !call.estimated;
    });
    expect(new Set(await Promise.all(races))).toEqual(new Set([true]));
  });
});

describe('a later attempt', () => {
  it('takes for lost what earlier ones left open, and what they were answered and did not keep', async () => {
    const first = callerOf();
    const open = await calls.open(asking({ ...first, attempt: 2 }));
    await made('answered', { ...first, attempt: 1 });
    await made('refused', { ...first, attempt: 3 });
    expect(await calls.settleEarlier({ ...first, attempt: 4 })).toEqual({
      unusable: 0,
      lost: 2,
      stopped: 0,
      failureCode: null,
      sinceWorked: 0,
    });
    const rows = await calls.list(first.jobId, { limit: 9 });
    expect(rows.map(({ outcome }) => outcome)).toEqual(['lost', 'lost', 'refused']);
    expect(rows[0]).toMatchObject({ id: open, estimated: true });
    // An answer that is lost was paid for as it was told.
    expect(rows[1]).toMatchObject({ costUsd: 0.02, outputTokens: 50, estimated: false });
  });

  it('hears how many answers of no use there were, and what was last the matter', async () => {
    const first = callerOf();
    await made('cut', { ...first, attempt: 1 });
    await made('malformed', { ...first, attempt: 2 });
    // Nobody was there, and nothing was paid.
    const free = { inputTokens: 0, outputTokens: 0, firstTokenMs: null };
    await made('failed', { ...first, ...free, attempt: 3 });
    expect(await calls.settleEarlier({ ...first, attempt: 4 })).toEqual({
      unusable: 2,
      lost: 0,
      stopped: 0,
      failureCode: 'malformed-answer',
      sinceWorked: 1,
    });
    await made('failed', { ...first, attempt: 4, firstTokenMs: null });
    expect(await calls.settleEarlier({ ...first, attempt: 5 })).toMatchObject({
      unusable: 3,
      sinceWorked: 2,
    });
  });

  it('of the step run again in the same run counts what came before', async () => {
    const first = callerOf();
    await made('malformed', { ...first, attempt: 2 });
    await made('cancelled', { ...first, attempt: 3 });
    const again = { ...first, activity: 'extract~2', attempt: 1 };
    expect(await calls.settleEarlier(again)).toMatchObject({ unusable: 1, lost: 0, stopped: 1 });
  });

  it('leaves itself, other steps, items, runs and jobs alone', async () => {
    const first = callerOf();
    const mine = { ...first, attempt: 2 };
    const others = [mine, { ...first, step: 'write' }, { ...first, item: '7' }, { ...first, runId: 'run-0' }];
    for (const other of others) await calls.open(asking(other));
    expect(await calls.settleEarlier(mine)).toEqual({
      unusable: 0,
      lost: 0,
      stopped: 0,
      failureCode: null,
      sinceWorked: null,
    });
    expect(await outcomes(first.jobId)).toEqual([null, null, null, null]);
  });
});

describe('an answer that is used again', () => {
  it('costs nothing, and says what the first one cost', async () => {
    const root = callerOf();
    await made('malformed', { ...root, costUsd: 0.5 });
    await made('answered', { ...root, attempt: 2, costUsd: 0.03 });
    const retry = callerOf({ jobId: `${root.jobId}.r1`, rootJobId: root.jobId });
    await calls.noteReused({ ...asking(retry), paidBy: root.jobId });
    await calls.noteReused({ ...asking({ ...retry, attempt: 2 }), paidBy: root.jobId });
    expect(await calls.list(retry.jobId, { limit: 9 })).toEqual([
      expect.objectContaining({ outcome: 'reused', inputTokens: 0, costUsd: 0, savedUsd: 0.03 }),
    ]);
    expect(await calls.sum(retry.jobId)).toEqual({
      inputTokens: 0,
      cachedInputTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      costUsd: 0,
      wastedUsd: 0,
      savedUsd: 0.03,
      estimated: false,
    });
  });

  it('is not reused by the job that paid for it', async () => {
    const retry = callerOf({ jobId: 'job_paid.r1', rootJobId: 'job_paid' });
    await made('answered', retry);
    await calls.noteReused({ ...asking({ ...retry, attempt: 2 }), paidBy: 'job_paid' });
    expect(await outcomes(retry.jobId)).toEqual(['answered']);
  });

  it('saves nobody knows what, where what it cost is not known', async () => {
    const root = callerOf();
    await made('answered', { ...root, costUsd: null });
    const retry = callerOf({ jobId: `${root.jobId}.r1`, rootJobId: root.jobId });
    await calls.noteReused({ ...asking(retry), paidBy: root.jobId });
    expect(await calls.sum(retry.jobId)).toMatchObject({ costUsd: 0, savedUsd: null });
  });
});

describe('what a job has used', () => {
  it('is the sum of its calls, with what was paid and not used', async () => {
    const caller = callerOf();
    await made('malformed', { ...caller, attempt: 1, costUsd: 0.1 });
    await made('refused', { ...caller, attempt: 2, costUsd: 0, inputTokens: 0, outputTokens: 0 });
    await made('answered', { ...caller, attempt: 3, costUsd: 0.2 });
    expect(await calls.sum(caller.jobId)).toEqual({
      inputTokens: 1_800,
      cachedInputTokens: 300,
      outputTokens: 100,
      reasoningTokens: 60,
      costUsd: 0.3,
      wastedUsd: 0.1,
      savedUsd: 0,
      estimated: false,
    });
  });

  it('is an estimate when one of its calls is, and has no cost when one of them has none', async () => {
    const caller = callerOf();
    await made('answered', { ...caller, costUsd: null });
    await made('cut', { ...caller, attempt: 2, estimated: true });
    expect(await calls.sum(caller.jobId)).toMatchObject({
      costUsd: null,
      wastedUsd: 0.02,
      estimated: true,
    });
  });

  it('is nothing for a job without a call', async () => {
    expect(await calls.sum('job_without')).toBeNull();
    expect(await calls.sums(['job_without'])).toEqual(new Map());
  });
});

describe('the totals of an owner', () => {
  const owner = 'bea';
  const time = { from: '2026-05-01T00:00:00.000Z', to: '2026-06-01T00:00:00.000Z' };
  const totals = (by: 'day' | 'model' | 'type' | 'tag', page = {}) =>
    calls.totals({ owner, by, ...time, after: null, limit: 100, ...page });

  beforeAll(async () => {
    const tagged = callerOf();
    const of = (startedAt: string, more = {}) => ({ owner, startedAt, ...more });
    await made('answered', { ...tagged, ...of('2026-05-01T00:00:00.000Z', { costUsd: 0.5 }) });
    await made('malformed', { ...tagged, ...of('2026-05-01T23:59:59.999Z', { costUsd: 0.25 }) });
    await made('answered', of('2026-05-02T00:00:00.000Z', { model: 'openai/b', costUsd: null }));
    await made('answered', of('2026-06-01T00:00:00.000Z', { costUsd: 100 }));
    await made('answered', { ...of('2026-05-03T00:00:00.000Z', { costUsd: 100 }), owner: 'cyd' });
    const about = { owner, type: 'extractArticle', tags: ['news', 'daily'] };
    const start = { key: 'start', type: 'job.queued' as const, time: new Date().toISOString(), about };
    await createEvents(db).append(tagged.jobId, [start]);
  });

  it('are by day of UTC, from the first moment on and before the last', async () => {
    expect(await totals('day')).toEqual([
      {
        key: '2026-05-01',
        calls: 2,
        inputTokens: 1_800,
        cachedInputTokens: 200,
        outputTokens: 100,
        reasoningTokens: 40,
        costUsd: 0.75,
        wastedUsd: 0.25,
        savedUsd: 0,
        unpricedCalls: 0,
        estimated: false,
      },
      expect.objectContaining({ key: '2026-05-02', calls: 1, costUsd: 0, unpricedCalls: 1 }),
    ]);
  });

  it.each([
    ['model', ['openai/a', 'openai/b'], [2, 1]],
    ['type', ['extractArticle'], [3]],
    ['tag', ['', 'daily', 'news'], [1, 2, 2]],
  ] as const)('are by %s', async (by, keys, counts) => {
    const found = await totals(by);
    expect(found.map(({ key }) => key)).toEqual(keys);
    expect(found.map((total) => total.calls)).toEqual(counts);
  });

  it('come in pages', async () => {
    const first = await totals('tag', { limit: 2 });
    const second = await totals('tag', { limit: 2, after: first.at(-1)?.key ?? null });
    expect([...first, ...second].map(({ key }) => key)).toEqual(['', 'daily', 'news']);
  });
});

failOnLeftovers();
