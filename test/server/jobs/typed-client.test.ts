import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  type Event,
  type ExtractArticleResult,
  cancelJob,
  readJob,
  submitJob,
} from '../../../client/index.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
});
afterAll(() => house.close());

const statusOf = ({ response }: { response?: Response | undefined }) => response?.status ?? 0;
const article = () => ({ url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 5 });

describe('the typed client', () => {
  it('submits a job and waits for its result', async () => {
    const { client } = house;
    const headers = { prefer: 'wait=60', 'idempotency-key': randomUUID() };
    const body = { type: 'extractArticle' as const, input: article(), tags: ['typed'] };
    const submit = () => submitJob({ client, body, headers });
    const { data: job, response } = await whileBusy(submit, statusOf);
    expect(response?.status).toBe(200);
    if (!job || !('status' in job)) throw new Error('a job was asked for, and a check was answered');
    expect(job.status).toBe('succeeded');
    const result = job.result as ExtractArticleResult;
    expect(result.words).toHaveLength(5);
  });

  it('gives a refused request as a failure', async () => {
    const { client } = house;
    const input = { ...article(), sourceLang: 'Klingonese' };
    const { data, error, response } = await submitJob({ client, body: { type: 'extractArticle', input } });
    expect([data, response?.status]).toEqual([undefined, 422]);
    expect(error?.errors).toEqual([
      { pointer: '/input/sourceLang', detail: expect.stringMatching(/Klingonese/) },
    ]);
  });

  it('streams the events of a job until it is cancelled', async () => {
    const { client } = house;
    const { id } = await house.submit({ model: 'openai/hang-mid-stream' });
    const { stream } = await client.sse.get<{ 200: Event }>({
      url: '/v1/jobs/{id}/events',
      path: { id },
      headers: { accept: 'text/event-stream' },
    });
    const types: string[] = [];
    for await (const event of stream) {
      types.push(event.type);
      if (event.type === 'output.delta' && !types.includes('job.cancelled')) {
        const { error } = await whileBusy(() => cancelJob({ client, path: { id } }), statusOf);
        if (error) throw new Error('the cancel was refused', { cause: error });
      }
      if (event.type === 'end') break;
    }
    const told = types.filter((type) => !['job.queued', 'job.cancelling'].includes(type));
    expect(told.slice(0, 2)).toEqual(['job.running', 'step.started']);
    expect(types.slice(-2)).toEqual(['job.cancelled', 'end']);
    const { data: job } = await readJob({ client, path: { id }, throwOnError: true });
    expect(job).toMatchObject({ status: 'cancelled', partial: true });
  });
});

failOnLeftovers();
