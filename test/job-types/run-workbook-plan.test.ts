import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import type { Call } from '../../job-types/contract/call.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import { type RunWorkbookPlanResult, runWorkbookPlan } from '../../job-types/run-workbook-plan.js';
import type { StoredFile } from '../../src/files/file-views.js';
import { stepOf } from '../harness/ends.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { lockTable } from '../harness/table-lock.js';
import { until } from '../harness/until.js';
import { whileBusy } from '../harness/while-busy.js';
import { peopleCsv, toJson } from '../harness/workbook-client.js';

jest.setTimeout(180_000);

const { PENDING_ACTIVITY_STATE_CANCEL_REQUESTED: cancelRequested } =
  temporal.api.enums.v1.PendingActivityState;

let house: House;
/** Where the worker puts what it works on. */
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longhaul-plans-'));
  house = await openHouse({ MODEL: '', MODELS: 'openai/answer' });
  await house.startWorker({ TMPDIR: folder });
});
afterAll(async () => {
  await house.close();
  await rm(folder, { recursive: true });
});

async function upload(name: string, text: string): Promise<string> {
  const address = `${house.url}/v1/files?name=${encodeURIComponent(name)}`;
  const send = () => fetch(address, { method: 'POST', body: text });
  const answer = await whileBusy(send, ({ status }) => status);
  const file = (await answer.json()) as StoredFile;
  expect({ status: answer.status, file }).toMatchObject({ status: 201 });
  return file.id;
}

const download = async (id: string): Promise<string> => {
  const read = () => fetch(`${house.url}/v1/files/${id}`);
  return (await whileBusy(read, ({ status }) => status)).text();
};
const submit = (input: object) => house.submitJob('runWorkbookPlan', input);
const waits = (id: string) =>
  house.jobWhen(id, 'the plan waits', ({ waitingFor }) => Boolean(waitingFor[0]?.data));
const done = (id: string) => house.jobWhen(id, 'the job is done', (job) => job.done, 120_000);
const answer = (id: string, value: object) =>
  house.ask<Failure>('POST', `/v1/jobs/${id}/input`, { name: 'confirm', value });
const resultOf = (job: Job) => job.result as RunWorkbookPlanResult;
const shownOf = (job: Job) => job.waitingFor[0]?.data as { plan: object[]; columns: string[] };

const lyon = { operation: 'csv/search', arguments: { column: 'city', operator: 'equals', value: 'Lyon' } };
const wish = 'Our page wants to greet everybody who lives in Lyon. Please get it what it needs.';

/** What a model says that plans these steps. */
const planned = (...steps: { operation: string; arguments: object }[]): string =>
  JSON.stringify({
    steps: steps.map((step) => ({ ...step, arguments: JSON.stringify(step.arguments), why: 'Asked.' })),
  });

describe('a plan of the request that nobody is asked about', () => {
  it('is run step by step, as in the example, and what each step made is downloaded', async () => {
    const job = await done((await submit(runWorkbookPlan.example)).id);
    expect(job).toMatchObject({ status: 'succeeded', failure: null });
    const { steps, file, ...rest } = resultOf(job);
    expect(rest).toEqual({ decision: 'run', provider: 'person' });
    expect(steps.map(({ step, operation, rows }) => [step, operation, rows])).toEqual([
      [1, 'csv/search', 2],
      [2, 'json/generate', 2],
    ]);
    expect(file).toBe(steps[1]?.file);
    expect(await download(steps[0]?.file ?? '')).toBe('name,city\r\nMarta,Lyon\r\nAna,Lyon\r\n');
    expect(JSON.parse(await download(file ?? ''))).toEqual([{ name: 'Marta' }, { name: 'Ana' }]);
  });

  it('stops at the step that fails, says which it was, and keeps what was made before', async () => {
    const wrong = { operation: 'json/generate', arguments: { columns: ['nobody'] } };
    const job = await done(
      (await submit({ csv: peopleCsv, plan: [lyon, wrong, toJson], confirm: false })).id,
    );
    expect(job).toMatchObject({
      status: 'failed',
      failure: { code: 'column-missing', step: 'run', detail: expect.stringContaining('Step 2 of 3') },
    });
    expect(stepOf(job, 'run')).toMatchObject({ done: 1, failed: 1, total: 3 });
    const { body } = await house.ask<{ items: StoredFile[] }>('GET', '/v1/files');
    const made = body.items.filter(({ name }) => name.includes(`-${job.id.slice(-8)}-`));
    expect(await Promise.all(made.map(({ id }) => download(id)))).toEqual([
      'name,city\r\nMarta,Lyon\r\nAna,Lyon\r\n',
    ]);
  });

  it('is refused with a pointer where it is no plan, and nothing is started', async () => {
    const plan = [toJson, { operation: 'csv/search', arguments: { column: 'a', operator: 'like' } }];
    for (const [input, pointer] of [
      [{ csv: peopleCsv, plan }, '/input/plan/1/arguments/conditions/0/operator'],
      [{ csv: peopleCsv, plan: [] }, '/input/plan'],
      [{ csv: peopleCsv }, '/input/message'],
      [{ message: 'JSON' }, '/input/file'],
      [{ message: 'JSON', file: randomUUID() }, '/input/file'],
    ] as const) {
      const body = { type: 'runWorkbookPlan', input };
      const refused = await house.ask<Failure>('POST', '/v1/jobs', body);
      expect([refused.status, refused.body.errors?.map((one) => one.pointer)]).toEqual([
        422,
        expect.arrayContaining([pointer]),
      ]);
    }
  });
});

describe('a plan that rules have made of words', () => {
  const message = 'find rows where city is Lyon, then make JSON of the name';

  it('waits with the columns of the file, and is run once a person says yes', async () => {
    const { id } = await submit({ csv: peopleCsv, message });
    const job = await waits(id);
    expect(job).toMatchObject({ status: 'waiting', done: false });
    expect(shownOf(job)).toMatchObject({
      plan: [{ operation: 'csv/search' }, { operation: 'json/generate', arguments: { columns: ['name'] } }],
      ...{ columns: ['name', 'city'], provider: 'rules' },
    });
    expect((await answer(id, { confirmed: true })).status).toBe(200);
    const end = await done(id);
    expect(end).toMatchObject({ status: 'succeeded', result: { decision: 'run', provider: 'rules' } });
    expect(JSON.parse(await download(resultOf(end).file ?? ''))).toHaveLength(2);
  });

  it('is run as the person has changed it, on another file', async () => {
    const { id } = await submit({ csv: peopleCsv, message });
    await waits(id);
    const file = await upload('towns.csv', 'town\nOslo\n');
    const plan = [{ operation: 'json/generate', arguments: { columns: ['town'] } }];
    const wrong = await answer(id, { confirmed: true, plan: [{ operation: 'shell', arguments: {} }] });
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([422, '/value/plan/0/operation']);
    expect((await answer(id, { confirmed: true, plan, file })).status).toBe(200);
    const { steps, file: last } = resultOf(await done(id));
    expect(steps).toMatchObject([{ operation: 'json/generate', rows: 1 }]);
    expect(JSON.parse(await download(last ?? ''))).toEqual([{ town: 'Oslo' }]);
  });

  it('is not run when the person says no', async () => {
    const { id } = await submit({ csv: peopleCsv, message });
    await waits(id);
    await answer(id, { confirmed: false });
    const job = await done(id);
    expect(job).toMatchObject({
      status: 'succeeded',
      result: { decision: 'declined', steps: [], file: null },
    });
    expect(stepOf(job, 'run')).toMatchObject({ status: 'pending' });
    expect((await answer(id, { confirmed: true })).status).toBe(409);
  });
});

describe('a plan that a model has made', () => {
  const ask = (more: object = {}) =>
    submit({ csv: peopleCsv, message: wish, model: 'openai/answer', ...more });
  const callsOf = async (id: string) =>
    (await house.ask<{ items: Call[] }>('GET', `/v1/jobs/${id}/calls`)).body.items;
  const madeUp = planned({ operation: 'json/generate', arguments: { columns: ['salary'] } });

  it('is asked for again where it names a column that is not there, and then waits', async () => {
    house.models.next('answer', { text: madeUp });
    house.models.next('answer', { text: planned(lyon, toJson) });
    const { id } = await ask();
    const job = await waits(id);
    expect(shownOf(job)).toMatchObject({
      plan: [{ operation: 'csv/search', description: 'Asked.' }, { operation: 'json/generate' }],
      provider: 'openai/answer',
    });
    expect(await callsOf(id)).toHaveLength(2);
    await answer(id, { confirmed: true });
    expect(await done(id)).toMatchObject({ status: 'succeeded', result: { provider: 'openai/answer' } });
  });

  it('is none where it never keeps to the columns and files there are', async () => {
    const bind = { bind_file: 'else.csv', key_column: 'name' };
    for (const text of [
      madeUp,
      planned({ operation: 'excel/bind-single-key', arguments: bind }),
      planned(),
    ]) {
      house.models.next('answer', { text });
    }
    const { id } = await ask({ confirm: false });
    const job = await done(id);
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'malformed-answer', step: 'propose' } });
    expect(await callsOf(id)).toHaveLength(3);
  });
});

describe('plans of one conversation', () => {
  it('run in the order in which they came, however long the first one is thought about', async () => {
    const conversation = randomUUID();
    house.models.next('slow', { text: planned(toJson), durationMs: 3_000 });
    const first = await submit({
      ...{ csv: peopleCsv, message: wish, model: 'openai/answer' },
      ...{ confirm: false, conversation },
    });
    await house.jobWhen(first.id, 'the first is thought about', (job) =>
      Boolean(stepOf(job, 'propose')?.startedAt),
    );
    const second = await submit({ csv: peopleCsv, plan: [toJson], confirm: false, conversation });
    const ends = [await done(first.id), await done(second.id)];
    expect(ends.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
    const begun = ends.map((job) => stepOf(job, 'run')?.startedAt ?? '');
    expect(begun).toEqual(begun.toSorted());
  });
});

describe('a plan that queues', () => {
  const place = (job_id: string, lane: string) => ({
    job_id,
    owner: 'local',
    kind: 'runWorkbookPlan',
    lane,
    held: true,
  });
  const looksOf = async (id: string) => {
    const { events } = await house.temporal.workflow.getHandle(id).fetchHistory();
    const asked = events?.flatMap(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name ?? [],
    );
    return asked?.filter((name) => name === 'awaitPlace').length ?? 0;
  };

  /** Cancels a plan while a look of it has to wait. @returns whether the cancel met a look, or a pause between two */
  const cancelAtLook = async (id: string): Promise<boolean> => {
    const handle = house.temporal.workflow.getHandle(id);
    // A look has to wait as long as somebody else looks.
    const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'places');
    try {
      await handle.signal('turn');
      await lock.holdsSomebody();
      await house.ask('POST', `/v1/jobs/${id}/cancel`, {});
      const met = await until(
        async () => {
          const { raw, status } = await handle.describe();
          const looks = raw.pendingActivities ?? [];
          if (looks.some(({ state }) => state === cancelRequested)) return 'a look';
          return status.name !== 'RUNNING' && 'a pause';
        },
        { what: 'the cancel has met the plan' },
      );
      return met === 'a look';
    } finally {
      await lock.release();
    }
  };

  it('looks at once when it is called, and not only when its pause is over', async () => {
    const conversation = randomUUID();
    const before = `before-${conversation}`;
    await house.db.insertInto('places').values(place(before, conversation)).execute();
    const { id } = await submit({ csv: peopleCsv, plan: [toJson], confirm: false, conversation });
    await house.jobWhen(id, 'it queues', ({ status }) => status === 'queued');
    await until(async () => (await looksOf(id)) === 1, { what: 'it looks' });
    await house.temporal.workflow.getHandle(id).signal('turn');
    await until(async () => (await looksOf(id)) === 2, { what: 'it looks again' });
    expect((await house.job(id)).status).toBe('queued');
    await house.db.deleteFrom('places').where('job_id', '=', before).execute();
    await house.temporal.workflow.getHandle(id).signal('turn');
    expect(await done(id)).toMatchObject({ status: 'succeeded' });
  });

  it('is cancelled, and has not failed, by a cancel that meets a look', async () => {
    // A look gives up waiting after a while, so that on a busy machine the cancel may meet none.
    for (let met = false, round = 1; !met; round += 1) {
      expect(round).toBeLessThan(6);
      const conversation = randomUUID();
      const before = `before-${conversation}`;
      await house.db.insertInto('places').values(place(before, conversation)).execute();
      const { id } = await submit({ csv: peopleCsv, plan: [toJson], confirm: false, conversation });
      await house.jobWhen(id, 'it queues', ({ status }) => status === 'queued');
      met = await cancelAtLook(id);
      expect(await done(id)).toMatchObject({ status: 'cancelled', failure: null });
      await house.db.deleteFrom('places').where('job_id', '=', before).execute();
    }
  });
});

describe('a cancel', () => {
  const cancel = (id: string) => house.ask('POST', `/v1/jobs/${id}/cancel`, {});
  const trimmed = { operation: 'normalization/apply', arguments: { column: 'name', type: 'trim' } };
  const doneOf = (job: Job): number => stepOf(job, 'run').done ?? 0;
  /** Again where the plan was over before the cancel came, as it may be where a machine stands still. */
  async function cancelledMidway(plan: object, what: string, check: (job: Job) => boolean): Promise<Job> {
    for (let round = 1; ; round += 1) {
      const { id } = await submit({ ...plan, confirm: false });
      await house.jobWhen(id, what, (job) => job.done || check(job));
      await cancel(id);
      const job = await done(id);
      if (job.status !== 'succeeded' || round === 5) return job;
    }
  }
  const rows = (count: number) => `name,note\n${`Marta ,${'x'.repeat(100)}\n`.repeat(count)}`;

  it('ends a plan that waits', async () => {
    const { id } = await submit({ csv: peopleCsv, message: 'make JSON' });
    await waits(id);
    await cancel(id);
    expect(await done(id)).toMatchObject({ status: 'cancelled', waitingFor: [] });
  });

  it('ends a plan between its steps, and what was made stays', async () => {
    const file = await upload('many.csv', rows(5_000));
    const plan = Array.from({ length: 50 }, () => trimmed);
    const job = await cancelledMidway({ file, plan }, 'two steps are done', (now) => doneOf(now) >= 2);
    expect(job.status).toBe('cancelled');
    expect(doneOf(job)).toBeLessThan(50);
    const made = `-${job.id.slice(-8)}-1.csv`;
    const { items } = (await house.ask<{ items: StoredFile[] }>('GET', `/v1/files?search=${made}`)).body;
    expect(items.some(({ name }) => name.endsWith(made))).toBe(true);
  });

  it('ends a plan inside a step, of which nothing is left', async () => {
    const file = await upload('large.csv', rows(200_000));
    const plan = [trimmed, trimmed, trimmed];
    const job = await cancelledMidway({ file, plan }, 'the step is at it', ({ progress }) =>
      /normalization\/apply/.test(progress.message),
    );
    expect(job.status).toBe('cancelled');
    expect(doneOf(job)).toBeLessThan(3);
    await until(async () => (await readdir(folder)).length === 0, { what: 'the folder of the step is gone' });
  });
});

failOnLeftovers();
