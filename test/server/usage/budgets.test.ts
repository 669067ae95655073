import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import type { Budget } from '../../../job-types/contract/budget.js';
import type { Call } from '../../../job-types/contract/call.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { OwnerBudgets } from '../../../job-types/contract/spend.js';
import { generateCv } from '../../../job-types/generate-cv.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { saveResearch } from '../../harness/stories.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

jest.setTimeout(180_000);

const patienceMs = 120_000;

/** A dollar for a token, in or out. The model `slow` has no price. */
const env = { MODEL_PRICES: 'openai/answer=1000000/1000000', MODELS: 'openai/slow' };

/** 1,200 characters, which are 300 tokens by our count. */
const story = 'Once upon a time there was a lighthouse. '.repeat(30).slice(0, 1200);

let house: House;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse(env);
  worker = await house.startWorker();
});
afterAll(() => house.close());

interface Asked {
  type?: string;
  input?: object;
  budget?: Partial<Budget>;
}

const post = <T = Job>({ type = 'ask', input = { prompt: 'Tell a story.' }, budget }: Asked, of = house) =>
  of.start<T>({ type, input, budget });

/** A job to which the model says these texts, one a call; the usual answer after that. */
async function submitted(asked: Asked, texts: readonly string[] = [story]): Promise<string> {
  for (const text of texts) house.models.next('answer', { text });
  return (await post(asked)).body.id;
}

const waits = (id: string, of = house, name = 'budget') =>
  of.jobWhen(id, `waits for ${name}`, ({ waitingFor }) => waitingFor.at(-1)?.name === name, patienceMs);
const ended = (id: string, of = house) => of.jobWhen(id, 'has ended', ({ done }) => done, patienceMs);
const answer = <T = Job>(id: string, value: unknown, wait: { id?: string } = {}) =>
  house.ask<T>('POST', `/v1/jobs/${id}/input`, { name: 'budget', value, ...wait });
const callsOf = async (id: string): Promise<Call[]> =>
  (await house.ask<{ items: Call[] }>('GET', `/v1/jobs/${id}/calls`)).body.items;
const spent = (job: Job): number => (job.usage?.inputTokens ?? 0) + (job.usage?.outputTokens ?? 0);

describe('the budget of a job', () => {
  it('holds up no other job that its worker runs at the time', async () => {
    await saveResearch(house, 'The Lighthouse');
    house.models.next('slow');
    const input = { subject: 'The Lighthouse', player: 'Inés' };
    const { body: free } = await post({ type: 'createStory', input });
    await house.jobWhen(free.id, 'is asked for its plan', ({ steps }) =>
      steps.some(({ status }) => status === 'running'),
    );
    const held = await submitted({ budget: { maxTokens: 1 } });
    await waits(held);
    expect(await ended(free.id)).toMatchObject({ status: 'succeeded', partial: false, budget: null });
    await house.ask('POST', `/v1/jobs/${held}/cancel`, {});
    await ended(held);
  });
});

describe('a job that reaches its budget in the middle of an answer', () => {
  it('waits with what was said until then, costs nothing meanwhile, and goes on when it may spend more', async () => {
    const id = await submitted({ budget: { maxTokens: 60 } }, [story, story]);
    const job = await waits(id);
    expect(job).toMatchObject({
      status: 'waiting',
      budget: { maxTokens: 60, onExceed: 'wait', costUsdLeft: null, ended: false },
      waitingFor: [{ id: 'budget', name: 'budget', data: { limit: 'maxTokens', cap: 60 } }],
    });
    expect(JSON.stringify(job.waitingFor[0]?.schema)).toContain('costUsd');
    const said = job.output?.text ?? '';
    expect(said.length).toBeGreaterThan(20);
    expect(story.startsWith(said)).toBe(true);
    expect(spent(job)).toBeLessThanOrEqual(60);
    expect(job.budget?.tokensLeft).toBe(60 - spent(job));
    expect(await callsOf(id)).toMatchObject([{ outcome: 'cut', failureCode: 'budget-exceeded' }]);

    const refused = await answer<Failure>(id, { allow: {} });
    expect([refused.status, refused.body.code]).toEqual([422, 'validation-failed']);
    const more = { allow: { tokens: 2_000 } };
    expect((await answer(id, more)).status).toBe(200);
    const end = await ended(id);
    expect(end).toMatchObject({
      status: 'succeeded',
      partial: false,
      output: null,
      result: { text: story, finishReason: 'stop' },
      budget: { maxTokens: 2_060, tokensLeft: 2_060 - spent(end) },
      answers: [{ id: 'budget' }],
    });
    expect(await callsOf(id)).toMatchObject([{ outcome: 'cut' }, { outcome: 'answered' }]);
    // The same answer again is none to another question.
    expect((await answer<Failure>(id, { end: true })).status).toBe(409);
  });

  it('takes no answer twice, and asks again when what was allowed is used up too', async () => {
    const id = await submitted({ budget: { maxCostUsd: 60 } }, [story, story, story]);
    await waits(id);
    const more = { allow: { costUsd: 70 } };
    // By its id: one that was taken and is given again, because the word came late, is none to the next question.
    expect((await answer(id, more, { id: 'budget' })).status).toBe(200);
    const again = await house.jobWhen(
      id,
      'it asks again',
      ({ waitingFor }) => waitingFor[0]?.id === 'budget~2',
      patienceMs,
    );
    const repeated = await answer<Failure>(id, more);
    expect([repeated.status, repeated.body.errors]).toEqual([
      409,
      [{ pointer: '/id', detail: '"budget~2"' }],
    ]);
    expect((await answer(id, more, { id: 'budget' })).status).toBe(200);
    const still = await house.job(id);
    expect(still).toMatchObject({ budget: { maxCostUsd: 130 }, waitingFor: [{ id: 'budget~2' }] });
    expect(again.usage?.costUsd).toBeLessThanOrEqual(130);
    const enough = { allow: { costUsd: 1_000 } };
    expect((await answer(id, enough, { id: 'budget~2' })).status).toBe(200);
    expect(await ended(id)).toMatchObject({ status: 'succeeded', result: { text: story } });
  });

  it('ends with what there is, when a person says so', async () => {
    const id = await submitted({ budget: { maxTokens: 60 } });
    const { output } = await waits(id);
    expect((await answer(id, { end: true })).status).toBe(200);
    const end = await ended(id);
    expect(end).toMatchObject({
      status: 'succeeded',
      partial: true,
      result: { text: output?.text, finishReason: 'length' },
      budget: { maxTokens: 60, ended: true },
    });
  });

  it('keeps half a CV beside the failure, because nobody is to send it', async () => {
    const asked = { type: 'generateCv', input: { ...generateCv.example, applicationId: '7001' } };
    const estimate = await submitted({ ...asked, budget: { maxTokens: 1 } }, []);
    const { waitingFor } = await waits(estimate);
    const [wait] = waitingFor;
    const { wanted = NaN } = (wait?.data ?? {}) as { wanted?: number };
    await house.ask('POST', `/v1/jobs/${estimate}/cancel`);
    await ended(estimate);
    const room = wanted - 32_000 + 50;
    const id = await submitted({ ...asked, budget: { maxTokens: room } });
    const { output } = await waits(id);
    expect(output?.text.length).toBeGreaterThan(20);
    await answer(id, { end: true });
    expect(await ended(id)).toMatchObject({
      status: 'failed',
      partial: true,
      failure: { code: 'budget-exceeded', step: 'write' },
      output,
    });
  });

  it('fails where it was to fail, and says what was spent, of what, and what can be done', async () => {
    const id = await submitted({ budget: { maxCostUsd: 60, onExceed: 'fail' } });
    const end = await ended(id);
    expect(end).toMatchObject({ status: 'failed', partial: true, failure: { code: 'budget-exceeded' } });
    expect(end.failure?.detail).toContain(`${end.usage?.costUsd} US dollars of 60 US dollars`);
    expect(end.failure?.detail).toContain('Retry the job');
    expect(story.startsWith(end.output?.text ?? '-')).toBe(true);
  });

  it('keeps the beginning of a reply in its conversation', async () => {
    const input = { conversation: `c-${randomUUID()}`, message: 'Hello' };
    await house.ask('POST', '/v1/conversations', { id: input.conversation });
    const id = await submitted({ type: 'chatReply', input, budget: { maxTokens: 60, onExceed: 'fail' } });
    const end = await ended(id);
    expect(end.failure?.code).toBe('budget-exceeded');
    const { body } = await house.ask<{ messages: { content: string; status: string }[] }>(
      'GET',
      `/v1/conversations/${input.conversation}`,
    );
    const last = body.messages.at(-1);
    expect(last).toMatchObject({ status: 'cut' });
    expect(last?.content.length).toBeGreaterThan(20);
    expect(story.startsWith(last?.content ?? '-')).toBe(true);
  });
});

describe('a job whose budget leaves no room for an answer', () => {
  it('makes no call, and can be cancelled while it waits', async () => {
    const id = await submitted({ budget: { maxTokens: 5 } }, []);
    expect(await waits(id)).toMatchObject({ usage: null, output: null });
    expect(await callsOf(id)).toEqual([]);
    await house.ask('POST', `/v1/jobs/${id}/cancel`);
    expect(await ended(id)).toMatchObject({ status: 'cancelled', failure: null });
  });

  it('goes on with another worker when the first one died while it waited', async () => {
    const id = await submitted({ budget: { maxTokens: 5 } }, []);
    await waits(id);
    await worker.kill();
    const { body } = await house.ask<Job>('GET', `/v1/jobs/${id}`);
    expect(body).toMatchObject({ status: 'waiting', budget: { maxTokens: 5, tokensLeft: 5 } });
    worker = await house.startWorker();
    // Temporal tries the dead worker first, and the answer may then be late.
    const isTaken = async () => (await answer(id, { allow: { tokens: 50_000 } })).status === 200;
    await until(isTaken, { what: 'the answer is taken', limitMs: patienceMs });
    expect(await ended(id)).toMatchObject({ status: 'succeeded', budget: { maxTokens: 50_005 } });
  });

  it('counts what a failed attempt has cost', async () => {
    house.models.next('cut-mid-stream', { text: story });
    const id = await submitted({ budget: { maxTokens: 165, onExceed: 'fail' } }, []);
    const end = await ended(id);
    expect(end.failure?.code).toBe('budget-exceeded');
    expect(await callsOf(id)).toMatchObject([{ outcome: 'cut', failureCode: 'answer-cut-off' }]);
    expect(spent(end)).toBeGreaterThan(100);
  });

  it('does not count an answer that is used again, and a retry has its budget anew', async () => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 5 };
    const budget = { maxTokens: 40_000 };
    const first = await submitted({ type: 'extractArticle', input: { ...input, review: true }, budget }, []);
    const reviewed = await waits(first, house, 'review');
    expect(spent(reviewed)).toBeGreaterThan(0);
    await house.ask('POST', `/v1/jobs/${first}/cancel`);
    await ended(first);
    const { body: retry } = await house.ask<Job>('POST', `/v1/jobs/${first}/retry`);
    const again = await waits(retry.id, house, 'review');
    expect(again).toMatchObject({ budget: { maxTokens: 40_000, tokensLeft: 40_000 } });
    expect(again.usage?.savedUsd).toBeGreaterThan(0);
    await house.ask('POST', `/v1/jobs/${retry.id}/cancel`);
    await ended(retry.id);
  });
});

describe('a submit with a budget in dollars', () => {
  it('is refused for a model without a known price, saying how to set one', async () => {
    const input = { prompt: 'Hello', model: 'openai/slow' };
    const { status, body } = await post<Failure>({ input, budget: { maxCostUsd: 1 } });
    expect([status, body.code]).toEqual([422, 'price-unknown']);
    expect(body.errors).toMatchObject([{ pointer: '/budget/maxCostUsd' }]);
    expect(body.detail).toContain('MODEL_PRICES');
    const { status: taken, body: job } = await post({ input, budget: { maxTokens: 1 } });
    expect(taken).toBe(202);
    await house.ask('POST', `/v1/jobs/${job.id}/cancel`);
    await ended(job.id);
  });

  it.each([
    [{ maxCostUsd: -1 }],
    [{ maxTokens: 0 }],
    [{ maxTokens: 1.5 }],
    [{ onExceed: 'stop' }],
    [{ usd: 1 }],
  ])('is refused for %p', async (budget) => {
    const { status, body } = await post<Failure>({ budget: budget as Partial<Budget> });
    expect([status, body.code]).toEqual([422, 'validation-failed']);
    expect(body.errors?.[0]?.pointer).toMatch(/^\/budget/);
  });
});

describe('jobs of an owner whose day has a budget', () => {
  let owned: House;
  beforeAll(async () => {
    owned = await openHouse({ ...env, OWNER_BUDGET_USD_DAY: '400' });
    await Promise.all([owned.startWorker(), owned.startWorker()]);
  });
  afterAll(() => owned.close());

  /** The clients of other systems cannot answer. They are told what their tasks wait for, and how those go on. */
  async function seedsAreToldOfIt(): Promise<void> {
    const sentence = expect.stringMatching(/may spend .* is used up.* goes on by itself/);
    await saveResearch(owned, 'The Lighthouse');
    const started = async (path: string, body: object) => {
      const { status, body: begun } = await owned.ask<{ task_id: string }>('POST', path, body);
      expect(status).toBe(200);
      return begun.task_id;
    };
    const task = await started('/api/task/start', { data: 'Tell a story.' });
    const subject = await started('/api/story/create', { subject: 'The Lighthouse', player: 'Inés' });
    const application = { application_id: 14, candidate: { first_name: 'Ana' }, job_offer: { title: '' } };
    const cv = await started('/generate/cv', application);
    const told = async (path: string) => (await owned.ask('GET', path)).body;
    await waits(task, owned, 'ownerBudget');
    await waits(cv, owned, 'ownerBudget');
    const alias = owned.db.selectFrom('aliases').select('job_id').where('name', '=', subject);
    const { job_id: theirs } = await alias.executeTakeFirstOrThrow();
    await waits(theirs, owned, 'ownerBudget');
    expect(await told(`/api/task/status/${task}`)).toMatchObject({
      ...{ status: 'running', current_step: sentence, step: 1, total_steps: 1 },
    });
    expect(await told(`/api/story/progress/${subject}`)).toMatchObject({
      status: 'running',
      message: sentence,
    });
    expect(await told(`/generate/status/${cv}`)).toEqual({
      ...{ status: 'processing', content: null, error: null },
    });
    // As if it were tomorrow. A job looks again by itself then.
    await sql`update model_calls set started_at = started_at - interval '1 day'`.execute(owned.db);
    const goOn = { name: 'ownerBudget', value: { goOn: true } };
    await owned.ask('POST', `/v1/jobs/${task}/input`, goOn);
    const isDone = async () => {
      const { status } = (await told(`/api/task/status/${task}`)) as { status: string };
      return status === 'completed';
    };
    await until(isDone, { what: 'the task is completed', limitMs: patienceMs });
    for (const id of [cv, theirs]) {
      await owned.ask('POST', `/v1/jobs/${id}/cancel`);
      await ended(id, owned);
    }
  }

  it('do not overshoot it together, and wait for the day to be over', async () => {
    for (let call = 0; call < 6; call += 1) owned.models.next('slow', { text: story, durationMs: 300 });
    const ids = await Promise.all(Array.from({ length: 3 }, async () => (await post({}, owned)).body.id));
    const isStill = ({ done, status }: Job) => done || status === 'waiting';
    const jobs = await Promise.all(ids.map((id) => owned.jobWhen(id, 'is still', isStill, patienceMs)));
    const costs = jobs.map(({ usage }) => usage?.costUsd ?? 0);
    expect(costs.reduce((sum, cost) => sum + cost, 0)).toBeLessThanOrEqual(400);
    expect(jobs.map(({ status }) => status).toSorted()).toEqual(['succeeded', 'waiting', 'waiting']);
    const waiting = jobs.find(({ status }) => status === 'waiting') as Job;
    const [wait] = waiting.waitingFor;
    expect(wait).toMatchObject({ name: 'ownerBudget', data: { limit: 'OWNER_BUDGET_USD_DAY', cap: 400 } });
    expect(wait?.expiresAt.slice(11, 16)).toBe('00:00');
    const { items } = (await owned.ask<OwnerBudgets>('GET', '/v1/usage/budgets')).body;
    const spentUsd = costs.reduce((sum, cost) => sum + cost, 0);
    expect(items).toMatchObject([
      { span: 'day', limitUsd: 400, heldUsd: 0, renewsAt: wait?.expiresAt },
      { span: 'month', limitUsd: null, leftUsd: null },
    ]);
    expect(items[0]?.spentUsd).toBeCloseTo(spentUsd);
    expect(items[0]?.leftUsd).toBeCloseTo(400 - spentUsd);

    const say = (value: unknown) =>
      owned.ask('POST', `/v1/jobs/${waiting.id}/input`, { name: 'ownerBudget', id: wait?.id, value });
    expect((await say({ allow: { costUsd: 100 } })).status).toBe(422);
    expect((await say({ goOn: true })).status).toBe(200);
    await owned.jobWhen(waiting.id, 'asks again', ({ waitingFor }) => waitingFor[0]?.id === 'ownerBudget~2');
    const failing = await post({ budget: { onExceed: 'fail' } }, owned);
    const failed = await ended(failing.body.id, owned);
    expect(failed.failure?.code).toBe('owner-budget-exceeded');
    expect(failed.failure?.detail).toContain('OWNER_BUDGET_USD_DAY');
    const refused = await post<Failure>({ input: { prompt: 'Hello', model: 'openai/slow' } }, owned);
    expect([refused.status, refused.body.code]).toEqual([422, 'price-unknown']);
    await seedsAreToldOfIt();
    await Promise.all(jobs.map(async ({ id, done }) => done || owned.ask('POST', `/v1/jobs/${id}/cancel`)));
    await Promise.all(ids.map((id) => ended(id, owned)));
  });
});

failOnLeftovers();
