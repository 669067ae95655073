import '../../harness/loops/register.js';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import type { Call } from '../../../job-types/contract/call.js';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { JobItem } from '../../../job-types/contract/job-item.js';
import type { Job } from '../../../job-types/contract/job.js';
import { endsOf, stepOf } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type Loops, openLoops } from '../../harness/loops/processes.js';
import type { OwnProcess } from '../../harness/own-process.js';
import { resetToBegin } from '../../harness/reset.js';
import { runsOf } from '../../harness/runs-of.js';
import { lockNumber } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

// Each run of a job begins with a worker's first look at it, and a machine may be busy with other tests.
jest.setTimeout(180_000);

const patienceMs = 60_000;

let house: House;
let loops: Loops;
let worker: OwnProcess;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/wrong-key,openai/hang-mid-stream' });
  loops = await openLoops(house);
  worker = await loops.startWorker();
});
afterAll(async () => {
  await loops.close();
  await house.close();
});

type Input = Record<string, unknown>;

async function submit(
  input: Input = {},
  options: Record<string, unknown> = {},
): Promise<Job & { topic: string }> {
  const topic = `topic-${randomUUID()}`;
  const body = { type: 'loop', input: { topic, parts: 5, ...input }, ...options };
  const { status, body: job } = await house.start(body);
  expect([status, job]).toEqual([202, expect.objectContaining({ type: 'loop' })]);
  return { ...job, topic };
}

/** Calls of the model, by what they ask for: "part 3". */
const callsFor = (topic: string, what: string) =>
  house.models.calls.filter(({ body }) => JSON.stringify(body).includes(`${topic} ${what}"`));

/** How the next call for this is treated, whatever else is asked before. */
const heldAt = (before: number): void => {
  for (let call = 0; call < before; call += 1) house.models.next('answer');
  house.models.next('hang-mid-stream');
};

/** Waits until the model has begun to answer. */
const answering = async (topic: string, what: string) => {
  const call = await until(() => callsFor(topic, what).at(-1), {
    what: `${what} is asked for`,
    limitMs: patienceMs,
  });
  await until(() => call.bytesSent > 0, { what: `${what} is being said` });
  return call;
};

const ended = (id: string): Promise<Job> =>
  house.jobWhen(id, 'the job is done', ({ done }) => done, patienceMs);

const eventsOf = async (id: string): Promise<JobEvent[]> => {
  const sealed = async () => {
    const path = `/v1/jobs/${id}/events?limit=1000`;
    const { body } = await house.request<{ items: JobEvent[]; done: boolean }>('GET', path);
    return body.items.at(-1)?.type === 'end' && body.items;
  };
  return until(sealed, { what: 'the log has ended' });
};

const wordsOf = async (id: string): Promise<string[]> => {
  const rows = await house.db.selectFrom('words').select('word').where('job_id', '=', id).execute();
  return rows.map(({ word }) => word.slice(word.lastIndexOf('-') + 1)).toSorted();
};

const cancel = (id: string, body: Record<string, unknown> = {}) =>
  house.ask<Job>('POST', `/v1/jobs/${id}/cancel`, body);

describe('the budget of a job that is continued by other runs', () => {
  /** 1,000 tokens by our count. */
  const text = 'Once upon a time there was a lighthouse. '.repeat(100).slice(0, 4_000);
  const allow = (job: Job, tokens: number) =>
    house.ask<Job>('POST', `/v1/jobs/${job.id}/input`, {
      ...{ name: 'budget', id: job.waitingFor[0]?.id, value: { allow: { tokens } } },
    });
  const waits = (id: string, wait: string) =>
    house.jobWhen(
      id,
      `${wait} is asked`,
      ({ waitingFor: [first] }) => first?.id === wait && Boolean(first.data),
      patienceMs,
    );
  const statuses = async (id: string) => (await runsOf(house, id)).map(({ status }) => status);

  it('counts what the runs before have spent, and keeps what a person has allowed in one of them', async () => {
    // The plan, five parts, and two of them cut.
    for (let call = 0; call < 8; call += 1) house.models.next('answer', { text });
    const { id } = await submit({}, { budget: { maxTokens: 3_500 } });
    const second = await waits(id, 'budget');
    expect(await statuses(id)).toEqual(['CONTINUED_AS_NEW', 'RUNNING']);
    expect(second.waitingFor[0]?.data).toMatchObject({ limit: 'maxTokens', cap: 3_500 });
    expect(stepOf(second, 'write')).toMatchObject({ done: 2, failed: 0 });
    expect(second.output).toMatchObject({ step: 'write' });
    expect(text.startsWith(second.output?.text ?? '-')).toBe(true);
    expect((await allow(second, 2_500)).status).toBe(200);

    const third = await waits(id, 'budget~2');
    expect(await statuses(id)).toEqual(['CONTINUED_AS_NEW', 'CONTINUED_AS_NEW', 'RUNNING']);
    expect(third).toMatchObject({ budget: { maxTokens: 6_000 }, waitingFor: [{ data: { cap: 6_000 } }] });
    expect(stepOf(third, 'write')).toMatchObject({ done: 4, failed: 0 });
    const { inputTokens = 0, outputTokens = 0 } = third.usage ?? {};
    expect(inputTokens + outputTokens).toBeGreaterThan(5_500);
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(6_000);
    expect((await allow(third, 5_000)).status).toBe(200);
    const last = await ended(id);
    expect(last).toMatchObject({
      ...{ status: 'succeeded', partial: false, budget: { maxTokens: 11_000 } },
      result: { texts: [text, text, text, text, text] },
    });
  });

  it('fails the items for which it leaves no room, where it is not to wait, and keeps the others', async () => {
    for (let call = 0; call < 4; call += 1) house.models.next('answer', { text });
    const { id } = await submit({}, { budget: { maxTokens: 3_500, onExceed: 'fail' } });
    const last = await ended(id);
    expect(last).toMatchObject({ status: 'succeeded', partial: true, result: { texts: [text, text] } });
    expect(stepOf(last, 'write')).toMatchObject({ done: 2, failed: 3 });
    const { body } = await house.request<{ items: JobItem[] }>('GET', `/v1/jobs/${id}/items?step=write`);
    expect(body.items.map(({ item, failure }) => [item, failure?.code])).toEqual([
      ['1', undefined],
      ['2', undefined],
      ['3', 'budget-exceeded'],
      ['4', 'budget-exceeded'],
      ['5', 'budget-exceeded'],
    ]);
  });
});

describe('a job that is continued by other runs', () => {
  let job: Job & { topic: string };
  let end: Job;
  const percents: number[] = [];

  beforeAll(async () => {
    job = await submit({}, { tags: ['looping'], timeout: 600 });
    end = await until(
      async () => {
        const now = await house.job(job.id);
        percents.push(now.progress.percent);
        return now.done && now;
      },
      { what: 'the job is done', limitMs: patienceMs },
    );
  });

  it('ends as one job, in three runs', async () => {
    expect(end).toMatchObject({
      status: 'succeeded',
      partial: false,
      failure: null,
      createdAt: job.createdAt,
    });
    expect(end.result).toMatchObject({
      texts: [1, 2, 3, 4, 5].map((key) => expect.stringContaining(`part ${key}`)),
    });
    expect((await runsOf(house, job.id)).map(({ status }) => status)).toEqual([
      'CONTINUED_AS_NEW',
      'CONTINUED_AS_NEW',
      'COMPLETED',
    ]);
    const { api, temporal, archive } = await endsOf(house, job.id);
    expect([api, temporal, archive]).toEqual(['succeeded', 'COMPLETED', 'succeeded']);
    expect(end.links.temporalUi).toContain((await runsOf(house, job.id)).at(-1)?.runId);
    expect(await wordsOf(job.id)).toEqual(['1', '2', '3', '4', '5', 'succeeded']);
    // By which its tasks are shared fairly among owners, in every run.
    const { raw } = await house.temporal.workflow.getHandle(job.id).describe();
    expect(raw.workflowExecutionInfo?.priority?.fairnessKey).toBe(end.owner);
  });

  it('shows one step a name, with its items counted, and a percentage that never falls', async () => {
    expect(
      end.steps.map(({ name, status, done, failed, total }) => [name, status, done, failed, total]),
    ).toEqual([
      ['plan', 'succeeded', null, null, null],
      ['write', 'succeeded', 5, 0, 5],
      ['save', 'succeeded', 5, 0, 5],
      ['tidy', 'succeeded', null, null, null],
    ]);
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(percents.at(-1)).toBe(100);
  });

  it('has one log, with numbers without gaps, one beginning and one end, and the item in each event', async () => {
    const log = await eventsOf(job.id);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    const states = log.filter(({ type }) => type.startsWith('job.') && type !== 'job.progress');
    expect(states.map(({ type }) => type)).toEqual(['job.queued', 'job.running', 'job.succeeded']);
    const done = log.filter(({ type }) => type === 'step.succeeded');
    expect(done.map(({ step, item }) => (item === null ? step : `${step}:${item}`))).toEqual([
      'plan',
      ...['1', '2', '3', '4', '5'].flatMap((key) => [`write:${key}`, `save:${key}`]),
      'tidy',
    ]);
  });

  it('has its items in pages, its calls with the item, and a receipt each', async () => {
    const page = async (query: string) =>
      (
        await house.request<{ items: JobItem[]; nextPageToken: string }>(
          'GET',
          `/v1/jobs/${job.id}/items?${query}`,
        )
      ).body;
    const first = await page('pageSize=4');
    const rest = await page(`pageSize=200&pageToken=${first.nextPageToken}`);
    expect(
      [...first.items, ...rest.items].map(({ step, item, status }) => `${step}:${item} ${status}`),
    ).toEqual(
      ['1', '2', '3', '4', '5'].flatMap((key) => [`write:${key} succeeded`, `save:${key} succeeded`]),
    );
    expect((await page('step=save')).items).toHaveLength(5);
    expect(await page('status=failed')).toEqual({ items: [], nextPageToken: null });
    const calls = await house.request<{ items: Call[] }>('GET', `/v1/jobs/${job.id}/calls`);
    expect(calls.body.items.map(({ step, item }) => [step, item])).toEqual([
      ['plan', null],
      ...['1', '2', '3', '4', '5'].map((key) => ['write', key]),
    ]);
    const receipts = house.db
      .selectFrom('receipts')
      .select(['step', 'item'])
      .where('root_job_id', '=', job.id);
    expect(await receipts.execute()).toHaveLength(12);
  });

  it('is one entry of the list', async () => {
    const listed = async () => {
      const { body } = await house.request<{ items: { id: string; createdAt: string; done: boolean }[] }>(
        'GET',
        '/v1/jobs?tag=looping',
      );
      return body.items.length === 1 && body.items[0]?.done && body.items;
    };
    const items = await until(listed, { what: 'the list has the job as it ended' });
    const behind = new Date(Date.parse(job.createdAt) + 1).toISOString();
    const before = `/v1/jobs?tag=looping&createdAfter=${job.createdAt}&createdBefore=${behind}`;
    expect((await house.request<{ items: unknown[] }>('GET', before)).body.items).toHaveLength(1);
    expect(items).toMatchObject([
      { id: job.id, status: 'succeeded', createdAt: job.createdAt, tags: ['looping'] },
    ]);
  });
});

describe('a part that fails for good', () => {
  it('leaves a job that is partial, and says which', async () => {
    const { id } = await submit({ failing: ['2', '4'] });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    expect(stepOf(job, 'write')).toMatchObject({ status: 'succeeded', done: 3, failed: 2, total: 5 });
    expect(stepOf(job, 'write').failures.map(({ code, step, item }) => [code, step, item])).toEqual([
      ['provider-key-refused', 'write', '2'],
      ['provider-key-refused', 'write', '4'],
    ]);
    const { body } = await house.request<{ items: JobItem[] }>('GET', `/v1/jobs/${id}/items?status=failed`);
    expect(body.items.map(({ item, failure }) => [item, failure?.code])).toEqual([
      ['2', 'provider-key-refused'],
      ['4', 'provider-key-refused'],
    ]);
    expect(await wordsOf(id)).toEqual(['1', '3', '5', 'succeeded']);
  });
});

describe('many parts that fail for good', () => {
  it('are counted, and what the job says of them stays small: the list of items has the rest', async () => {
    const failing = ['1', '2', '3', '4', '5', '6', '7'];
    const { id } = await submit({ parts: 8, perRun: 4, failing });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    const { failures, ...counts } = stepOf(job, 'write');
    expect(counts).toMatchObject({ status: 'succeeded', done: 1, failed: 7, total: 8 });
    expect(failures.map(({ item }) => item)).toEqual(failing.slice(0, 5));
    const { body } = await house.request<{ items: JobItem[] }>('GET', `/v1/jobs/${id}/items?status=failed`);
    expect(body.items.map(({ item }) => item)).toEqual(failing);
  });
});

describe('a part that runs out of time', () => {
  it('has failed in the list of items, too, which no attempt of it could say', async () => {
    const { id } = await submit({ parts: 3, hasty: ['2'], hanging: ['2'] });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    const { body } = await house.request<{ items: JobItem[] }>('GET', `/v1/jobs/${id}/items?status=failed`);
    expect(body.items.map(({ item, failure }) => [item, failure?.code])).toEqual([['2', 'step-timed-out']]);
  });
});

describe('parts that are written side by side', () => {
  it('are all written, no more at once than asked for, and one that fails ends no other', async () => {
    const { id, topic } = await submit({ parts: 7, atOnce: 3, perRun: 4, failing: ['5'] });
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    expect((job.result as { texts: string[] }).texts).toEqual(
      ['1', '2', '3', '4', '6', '7'].map((key) => expect.stringContaining(`part ${key}`)),
    );
    expect(stepOf(job, 'write')).toMatchObject({ status: 'succeeded', done: 6, failed: 1, total: 7 });
    for (const key of ['1', '2', '3', '4', '6', '7']) expect(callsFor(topic, `part ${key}`)).toHaveLength(1);
    expect(await runsOf(house, id)).toHaveLength(2);
    const open = new Set<string | null>();
    const atOnce = (await eventsOf(id)).map(({ type, step, item }) => {
      if (step === 'write' && type === 'step.started') open.add(item);
      if (step === 'write' && (type === 'step.succeeded' || type === 'step.failed')) open.delete(item);
      return open.size;
    });
    expect(Math.max(...atOnce)).toBeGreaterThan(1);
    expect(Math.max(...atOnce)).toBeLessThanOrEqual(3);
  });
});

/** Holds up whoever saves the second part of a job, and nobody else. */
async function holdSavesOfPart2() {
  await sql`
    create function hold_save() returns trigger language plpgsql as
    'begin perform pg_advisory_xact_lock(4712); return new; end'`.execute(house.db);
  await sql`
    create trigger hold_save before insert on words
    for each row when (new.word like '%-2') execute function hold_save()`.execute(house.db);
  const lock = await lockNumber(house.env['DATABASE_URL'] ?? '', 4712);
  return {
    async somebodyWaits() {
      const { rows } = await sql`
        select 1 from pg_locks join pg_database on pg_database.oid = database
        where datname = current_database() and objid = 4712 and not granted`.execute(house.db);
      return rows.length > 0;
    },
    async release() {
      await lock.release();
      await sql`drop function hold_save cascade`.execute(house.db);
    },
  };
}

describe('in a second run', () => {
  it('a worker that dies in the middle of a part costs that part alone another call', async () => {
    heldAt(4);
    const { id, topic } = await submit();
    await answering(topic, 'part 4');
    await worker.kill();
    worker = await loops.startWorker();
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    expect(stepOf(job, 'write')).toMatchObject({ done: 5, failed: 0 });
    expect(['1', '2', '3', '4', '5'].map((key) => callsFor(topic, `part ${key}`).length)).toEqual([
      1, 1, 1, 2, 1,
    ]);
    expect(await wordsOf(id)).toEqual(['1', '2', '3', '4', '5', 'succeeded']);
  });

  it('a cancel in the middle of a part stops the model, and is told with its reason', async () => {
    heldAt(4);
    const { id, topic, createdAt } = await submit();
    const call = await answering(topic, 'part 4');
    const { body } = await cancel(id, { reason: 'enough of it', gracePeriod: 60 });
    expect(body).toMatchObject({ status: 'cancelling', createdAt, cancel: { reason: 'enough of it' } });
    const job = await ended(id);
    expect(job).toMatchObject({
      status: 'cancelled',
      createdAt,
      cancel: { reason: 'enough of it', mode: 'graceful', escalated: false },
    });
    await until(() => call.abandoned, { what: 'the model is left alone' });
    const row = house.db.selectFrom('cancellations').selectAll().where('job_id', '=', id);
    const announced = async () => {
      const cancellation = await row.executeTakeFirst();
      return cancellation?.announced_at && cancellation;
    };
    expect(await until(announced, { what: 'the workers are told' })).toMatchObject({
      run_id: (await runsOf(house, id))[0]?.runId,
    });
    expect(await wordsOf(id)).toEqual(['1', '2', '3', 'cancelled']);
    expect(stepOf(job, 'write')).toMatchObject({ status: 'cancelled', done: 3, total: 5 });
    const log = await eventsOf(id);
    expect(log.filter(({ type }) => type === 'job.cancelling')).toHaveLength(1);
    expect(log.slice(-2).map(({ type }) => type)).toEqual(['job.cancelled', 'end']);
  });

  it('a cancel between two parts is not lost where the run is about to be continued', async () => {
    // The save of part 2 is the last thing that happens in the first run.
    const held = await holdSavesOfPart2();
    const { id, topic } = await submit();
    try {
      await until(held.somebodyWaits, { what: 'part 2 is being saved', limitMs: patienceMs });
      await cancel(id, { reason: 'between', gracePeriod: 60 });
    } finally {
      await held.release();
    }
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'cancelled', cancel: { reason: 'between' } });
    expect(await wordsOf(id)).toEqual(['1', '2', 'cancelled']);
    expect(callsFor(topic, 'part 3')).toHaveLength(0);
    expect(await runsOf(house, id)).toHaveLength(1);
  });

  it('a cancel by force ends the run that there is, and the job with it', async () => {
    heldAt(4);
    const { id, topic } = await submit();
    await answering(topic, 'part 4');
    const { body } = await cancel(id, { mode: 'force', reason: 'now' });
    expect(['terminated', 'cancelling']).toContain(body.status);
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'terminated', cancel: { mode: 'force', reason: 'now' } });
    const { api, temporal, archive } = await endsOf(house, id);
    expect([api, temporal, archive]).toEqual(['terminated', 'TERMINATED', 'terminated']);
    expect(await wordsOf(id)).toEqual(['1', '2', '3']);
    expect(job.steps.find(({ name }) => name === 'write')).toMatchObject({ done: 3 });
    expect((await eventsOf(id)).filter(({ type }) => type === 'end')).toHaveLength(1);
  });

  it('the time of the job is up when it is up for the job, and clean-up runs', async () => {
    const timedOut = async (timeout: number) => {
      const { id, topic } = await submit({ hanging: ['4'] }, { timeout });
      return { job: await ended(id), topic, timeout };
    };
    let last = await timedOut(8);
    // A busy machine needs longer for the three parts before.
    while (callsFor(last.topic, 'part 4').length === 0 && last.timeout < 30) {
      last = await timedOut(2 * last.timeout);
    }
    const { job, topic, timeout } = last;
    const { id } = job;
    expect(job).toMatchObject({ status: 'timed_out', failure: { code: 'job-timed-out' } });
    expect(callsFor(topic, 'part 4')).toHaveLength(1);
    expect(await wordsOf(id)).toEqual(['1', '2', '3', 'timed_out']);
    const { events } = await house.temporal.workflow.getHandle(id).fetchHistory();
    const timer = events?.find(({ timerStartedEventAttributes: its }) => its)?.timerStartedEventAttributes;
    expect(Number(timer?.startToFireTimeout?.seconds)).toBeLessThan(timeout);
  });

  it('a retry begins at the beginning and pays for nothing that is there', async () => {
    heldAt(4);
    const { id, topic } = await submit();
    await answering(topic, 'part 4');
    await cancel(id);
    await ended(id);
    const { status, body } = await house.ask<Job>('POST', `/v1/jobs/${id}/retry`);
    expect([status, body.retryOf]).toEqual([202, id]);
    const job = await ended(body.id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    expect((job.result as { texts: string[] }).texts).toHaveLength(5);
    expect(['1', '2', '3', '4', '5'].map((key) => callsFor(topic, `part ${key}`).length)).toEqual([
      1, 1, 1, 2, 1,
    ]);
    const { body: items } = await house.request<{ items: JobItem[] }>(
      'GET',
      `/v1/jobs/${body.id}/items?step=write`,
    );
    expect(items.items.map(({ reused }) => reused)).toEqual([true, true, true, false, false]);
  });

  it('several answers are waited for at once, and the waits of later runs have ids of their own', async () => {
    const { id } = await submit({ ask: ['1', '3', '3'] });
    const waiting = (...ids: string[]) =>
      house.jobWhen(
        id,
        `it waits for ${ids.join()}`,
        ({ waitingFor }) => waitingFor.map((wait) => wait.id).join() === ids.join(),
        patienceMs,
      );
    const answer = (wait: string, value: string) =>
      house.ask('POST', `/v1/jobs/${id}/input`, { name: 'go', id: wait, value });
    await waiting('go');
    expect((await answer('go', 'first')).status).toBe(200);
    await waiting('go~2', 'go~3');
    expect((await answer('go~3', 'third')).status).toBe(200);
    expect((await answer('go~2', 'second')).status).toBe(200);
    const job = await ended(id);
    expect((job.result as { answers: string[] }).answers).toEqual(['first', 'second', 'third']);
    expect(job.answers.map((given) => given.id)).toEqual(['go', 'go~3', 'go~2']);
  });
});

describe('a second run that an operator resets', () => {
  it('ends anew as a run of its own, in the same log', async () => {
    const { id, topic } = await submit();
    expect((await ended(id)).status).toBe('succeeded');
    await eventsOf(id);
    const again = await resetToBegin(house.temporal, id);
    const job = await house.jobWhen(
      id,
      'it has ended again',
      ({ done, links }) => done && links.temporalUi?.includes(again) === true,
      patienceMs,
    );
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    expect((job.result as { texts: string[] }).texts).toHaveLength(5);
    expect(callsFor(topic, 'part 5')).toHaveLength(1);
    const log = await eventsOf(id);
    expect(log.map(({ seq }) => seq)).toEqual(log.map((_, index) => index + 1));
    expect(log.filter(({ type }) => type === 'end')).toHaveLength(1);
    expect(log.filter(({ type }) => type === 'job.succeeded')).toHaveLength(2);
  });
});

describe('the concurrency key of a job of several runs', () => {
  it('is held by it through all of them', async () => {
    heldAt(4);
    const key = { concurrencyKey: randomUUID() };
    const first = await submit({}, key);
    await answering(first.topic, 'part 4');
    const second = await submit({ parts: 1 }, key);
    const queued = await house.jobWhen(second.id, 'it queues', ({ status }) => status === 'queued');
    expect(queued.concurrencyKey).toBe(key.concurrencyKey);
    const place = await house.db
      .selectFrom('concurrency_queue')
      .select('job_id')
      .where('key', '=', key.concurrencyKey)
      .where('held', '=', true)
      .execute();
    expect(place).toEqual([{ job_id: first.id }]);
    await cancel(first.id);
    expect((await ended(first.id)).status).toBe('cancelled');
    expect((await ended(second.id)).status).toBe('succeeded');
  });
});

describe('an API that is restarted', () => {
  const get = async <T>(url: string): Promise<T> => (await (await fetch(url)).json()) as T;

  it('knows the job in its second run, goes on with its log, and keeps the deadline of its cancel', async () => {
    const before = await loops.startApi();
    heldAt(4);
    const { id, topic, createdAt } = await submit();
    await answering(topic, 'part 4');
    const page = await get<{ nextAfter: number }>(`${before.url}/v1/jobs/${id}/events?limit=1000`);
    // No worker is there to follow it.
    await worker.kill();
    const options = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = '{"reason":"late","gracePeriod":1}';
    const { status } = await whileBusy(
      () => fetch(`${before.url}/v1/jobs/${id}/cancel`, { ...options, body }),
      (answer) => answer.status,
    );
    expect(status).toBe(202);
    await before.api.kill();
    const after = await loops.startApi();
    const job = await until(
      async () => {
        const now = await get<Job>(`${after.url}/v1/jobs/${id}`);
        return now.done && now;
      },
      { what: 'the deadline is carried out', limitMs: patienceMs },
    );
    expect(job).toMatchObject({
      status: 'terminated',
      createdAt,
      cancel: { reason: 'late', escalated: true },
    });
    const rest = await get<{ items: JobEvent[] }>(
      `${after.url}/v1/jobs/${id}/events?after=${page.nextAfter}`,
    );
    expect(rest.items[0]?.seq).toBe(page.nextAfter + 1);
    worker = await loops.startWorker();
  });
});

failOnLeftovers();
