import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Call } from '../../../job-types/contract/call.js';
import type { Job } from '../../../job-types/contract/job.js';
import type {
  BehaviourName,
  BehaviourOptions,
  Call as Served,
} from '../../../scripts/stand-ins/model-server.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

// A silent worker is noticed after 10 s, and one that stops drains for 10 s.
jest.setTimeout(180_000);

const patienceMs = 120_000;

/** Dollars for a token. */
const price = { input: 1, output: 4, cached: 0.5 };
const env = { MODEL_PRICES: 'openai/answer=1000000/4000000/500000', MODELS: 'openai/thinking' };

const costOf = ({ told }: Served): number =>
  told
    ? (told.input - told.cached) * price.input + told.cached * price.cached + told.output * price.output
    : NaN;

/** The workers of the second die. */
let house: House;
let mortal: House;

beforeAll(async () => {
  [house, mortal] = await Promise.all([openHouse(env), openHouse(env)]);
  await house.startWorker();
});
afterAll(() => Promise.all([house.close(), mortal.close()]));

interface Page {
  items: Call[];
  nextPageToken: string | null;
}

const callsOf = async (id: string, of = house): Promise<Call[]> =>
  (await of.ask<Page>('GET', `/v1/jobs/${id}/calls`)).body.items;

const ended = (id: string, of = house) => of.jobWhen(id, `${id} has ended`, ({ done }) => done, patienceMs);

/** What the stand-in has served to a job. */
const servedTo = (id: string, of = house): Served[] =>
  of.models.calls.filter(({ requestId }) => requestId?.startsWith(`${id}/`));

/** A job whose model treats its calls like this, one after the other; jobs before it have asked what they will ask. */
async function submitted(treatment: readonly [BehaviourName, BehaviourOptions?][], input = {}): Promise<Job> {
  for (const one of treatment) house.models.next(...one);
  return house.submit(input);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('an estimate', () => {
  interface Estimate {
    jobs: number;
    inputTokens: number | null;
    outputTokens: number | null;
    models: { model: string; usual: boolean; costUsd: number | null; inputMtokUsd: number | null }[];
  }
  const estimate = async (type: string) =>
    (await house.ask<Estimate>('GET', `/v1/job-types/${type}/estimate`)).body;

  it('is what the last jobs of the type have used, at the price of each model', async () => {
    await ended((await submitted([['broken-json'], ['answer']])).id);
    const { jobs, inputTokens, outputTokens, models } = await estimate('extractArticle');
    expect(jobs).toBeGreaterThan(0);
    expect(inputTokens).toBeGreaterThan(0);
    const [usual, other] = models;
    expect(usual).toEqual({
      model: 'openai/answer',
      usual: true,
      costUsd: (inputTokens ?? NaN) * price.input + (outputTokens ?? NaN) * price.output,
      inputMtokUsd: 1_000_000 * price.input,
      outputMtokUsd: 1_000_000 * price.output,
    });
    // Nobody has said what it costs, and a price that is not known is null.
    expect(other).toMatchObject({ model: 'openai/thinking', usual: false, costUsd: null });
  });

  it('before the first job is the prices alone', async () => {
    const { jobs, inputTokens, models } = await estimate('createTheme');
    expect([jobs, inputTokens]).toEqual([0, null]);
    expect(models[0]).toMatchObject({ costUsd: null, inputMtokUsd: 1_000_000 * price.input });
  });

  it('of no type is not there', async () => {
    expect((await house.ask('GET', '/v1/job-types/nope/estimate')).status).toBe(404);
  });
});

describe('the bill of a job', () => {
  it('is the sum of its calls, those that were of no use among them', async () => {
    const job = await ended((await submitted([['broken-json'], ['thinking']])).id);
    expect(job.status).toBe('succeeded');
    const [wasted, used] = servedTo(job.id);
    if (!wasted || !used) throw new Error('there were no two calls');
    const told = [wasted, used].map((call) => call.told);
    expect(job.usage).toEqual({
      inputTokens: sum(told.map((tokens) => tokens?.input ?? NaN)),
      cachedInputTokens: 64,
      outputTokens: sum(told.map((tokens) => tokens?.output ?? NaN)),
      reasoningTokens: 300,
      costUsd: costOf(wasted) + costOf(used),
      wastedUsd: costOf(wasted),
      savedUsd: 0,
      estimated: false,
    });
    expect(await callsOf(job.id)).toMatchObject([
      {
        step: 'extract',
        item: null,
        attempt: 1,
        model: 'openai/answer',
        prompt: expect.stringMatching(/^choose-words@[0-9a-f]{8}$/),
        providerId: `chatcmpl-${wasted.id}`,
        outcome: 'malformed',
        failureCode: 'malformed-answer',
        costUsd: costOf(wasted),
      },
      { attempt: 2, providerId: `chatcmpl-${used.id}`, outcome: 'answered', costUsd: costOf(used) },
    ]);
  });

  it('counts an answer that broke off by what had come, and a refusal as nothing', async () => {
    const { id } = await submitted([['cut-mid-stream'], ['rate-limited', { retryAfter: '1' }]]);
    const job = await ended(id);
    const [cut, refused, used] = await callsOf(job.id);
    expect(cut).toMatchObject({ outcome: 'cut', failureCode: 'answer-cut-off', estimated: true });
    expect(cut?.outputTokens).toBeGreaterThan(10);
    expect(refused).toMatchObject({ outcome: 'refused', inputTokens: 0, outputTokens: 0, costUsd: 0 });
    expect(used).toMatchObject({ outcome: 'answered', estimated: false });
    expect(job.usage).toMatchObject({
      costUsd: (cut?.costUsd ?? NaN) + (used?.costUsd ?? NaN),
      wastedUsd: cut?.costUsd,
      estimated: true,
    });
  });

  it('is there while the job still works, and in the end what a cancel has left', async () => {
    const { id } = await submitted([['hang-mid-stream']]);
    const working = await house.jobWhen(id, 'the call is noted', ({ usage }) => usage !== null);
    expect(working).toMatchObject({ status: 'running', usage: { outputTokens: 0, estimated: true } });
    expect(await callsOf(id)).toMatchObject([{ outcome: null, settledAt: null, providerId: null }]);
    await until(() => servedTo(id)[0]?.streamed, { what: 'the model has begun' });
    await house.jobWhen(id, 'the text has come', ({ output }) => output !== null);
    await house.ask('POST', `/v1/jobs/${id}/cancel`);
    const job = await ended(id);
    const [call, ...more] = await callsOf(id);
    expect(more).toEqual([]);
    expect(call).toMatchObject({
      outcome: 'cancelled',
      providerId: `chatcmpl-${servedTo(id)[0]?.id}`,
      estimated: true,
    });
    expect(call?.outputTokens).toBeGreaterThan(10);
    expect(job.usage).toMatchObject({ costUsd: call?.costUsd, wastedUsd: call?.costUsd, estimated: true });
  });

  it('has no cost when a price is not known', async () => {
    const job = await ended((await house.submit({ model: 'openai/thinking' })).id);
    expect(job.usage).toMatchObject({ costUsd: null, wastedUsd: 0, savedUsd: 0 });
    expect(job.usage?.inputTokens).toBeGreaterThan(0);
  });

  it('of a retry is its own: what it uses again costs nothing and says what it saves', async () => {
    const { id } = await submitted([], { review: true });
    await house.jobWhen(id, 'the job waits', ({ status }) => status === 'waiting');
    await house.ask('POST', `/v1/jobs/${id}/cancel`);
    const root = await ended(id);
    expect(root.usage?.costUsd).toBeGreaterThan(0);
    await house.ask('POST', `/v1/jobs/${id}/retry`);
    const retry = `${id}.r1`;
    const waiting = await house.jobWhen(retry, 'the retry waits', ({ status }) => status === 'waiting');
    expect(waiting.usage).toEqual({
      inputTokens: 0,
      cachedInputTokens: 0,
      outputTokens: 0,
      reasoningTokens: 0,
      costUsd: 0,
      wastedUsd: 0,
      savedUsd: root.usage?.costUsd,
      estimated: false,
    });
    expect(await callsOf(retry)).toMatchObject([{ outcome: 'reused', costUsd: 0, providerId: null }]);
    expect((await house.job(id)).usage).toEqual(root.usage);
    expect(servedTo(retry)).toEqual([]);
    await house.ask('POST', `/v1/jobs/${retry}/cancel`);
    expect((await ended(retry)).usage).toEqual(waiting.usage);
  });

  it('is nothing without a call', async () => {
    const job = await ended((await house.submit({ url: `${house.web.url}nowhere` })).id);
    expect(job).toMatchObject({ status: 'failed', usage: null });
    expect(await callsOf(job.id)).toEqual([]);
  });
});

/** A job whose model has begun to answer and says no more. */
async function answering(): Promise<string> {
  mortal.models.next('hang-mid-stream');
  const { id } = await mortal.submit();
  await until(() => servedTo(id, mortal)[0]?.streamed, { what: 'the model has begun', limitMs: patienceMs });
  await mortal.jobWhen(id, 'the text is in the log', ({ output }) => output !== null, patienceMs);
  return id;
}

describe('a call whose worker dies', () => {
  let goesOn: string;
  let endsThere: string;
  let successor: WorkerProcess;

  beforeAll(async () => {
    const worker = await mortal.startWorker();
    goesOn = await answering();
    endsThere = await answering();
    await worker.kill();
    await mortal.ask('POST', `/v1/jobs/${endsThere}/cancel`, { mode: 'force' });
    successor = await mortal.startWorker();
  });

  it('is lost when the job ends with it, and estimated by what was streamed', async () => {
    const job = await ended(endsThere, mortal);
    const [call] = await callsOf(endsThere, mortal);
    expect(job.status).toBe('terminated');
    expect(call).toMatchObject({ outcome: 'lost', estimated: true, settledAt: expect.any(String) });
    expect(call?.outputTokens).toBeGreaterThan(10);
    const cost = (call?.inputTokens ?? NaN) * price.input + (call?.outputTokens ?? NaN) * price.output;
    expect(job.usage).toMatchObject({ costUsd: cost, wastedUsd: cost, estimated: true });
  });

  it('is lost when the next attempt asks again', async () => {
    const job = await ended(goesOn, mortal);
    const [lost, used] = await callsOf(goesOn, mortal);
    expect(job.status).toBe('succeeded');
    expect(lost).toMatchObject({ attempt: 1, outcome: 'lost', estimated: true });
    expect(lost?.outputTokens).toBeGreaterThan(10);
    expect(used).toMatchObject({ attempt: 2, outcome: 'answered', estimated: false });
    expect(job.usage).toMatchObject({
      costUsd: (lost?.costUsd ?? NaN) + (used?.costUsd ?? NaN),
      wastedUsd: lost?.costUsd,
    });
  });

  it('is cancelled when the worker is only asked to stop', async () => {
    const id = await answering();
    const stopped = successor.stop();
    await mortal.startWorker();
    const job = await ended(id, mortal);
    await stopped;
    expect(await callsOf(id, mortal)).toMatchObject([
      { attempt: 1, outcome: 'cancelled', estimated: true, providerId: expect.any(String) },
      { attempt: 2, outcome: 'answered' },
    ]);
    expect(job.status).toBe('succeeded');
  });
});

failOnLeftovers();
