import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AskResult } from '../../job-types/ask.js';
import type { Job } from '../../job-types/contract/job.js';
import { openStream } from '../harness/event-stream.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
});
afterAll(() => house.close());

const ended = (id: string) => house.jobWhen(id, 'the job is done', ({ done }) => done);

async function answered(input: object): Promise<{ job: Job; result: AskResult }> {
  const { id } = await house.submitJob('ask', input);
  const job = await ended(id);
  return { job, result: job.result as AskResult };
}

const callsFor = (prompt: string) =>
  house.models.calls.filter(({ body }) => JSON.stringify(body).includes(prompt));

/** A text long enough to be seen arriving. */
const long = (about: string) => `${about} ${'and so on '.repeat(60)}`;

describe('ask', () => {
  it('answers a prompt', async () => {
    const { job, result } = await answered({ prompt: 'What is a frog?' });
    expect(job).toMatchObject({
      type: 'ask',
      status: 'succeeded',
      failure: null,
      progress: { percent: 100 },
    });
    expect(job.steps.map(({ name, status, attempt }) => [name, status, attempt])).toEqual([
      ['answer', 'succeeded', 1],
    ]);
    expect(result).toEqual({
      text: 'You said: What is a frog?',
      value: null,
      model: 'openai/answer',
      finishReason: 'stop',
    });
    expect(job.usage?.outputTokens).toBeGreaterThan(0);
  });

  it('goes on with a conversation', async () => {
    const messages = [
      { role: 'user', content: 'Hello' },
      { role: 'assistant', content: 'Good day' },
      { role: 'user', content: 'And now?' },
    ];
    const { result } = await answered({ messages, system: 'Be kind.', temperature: 0.5 });
    expect(result.text).toBe('You said: And now?');
    expect(callsFor('And now?')[0]?.body).toMatchObject({
      messages: [{ role: 'system', content: 'Be kind.' }, ...messages],
      temperature: 0.5,
    });
  });

  it.each([
    [
      'an object',
      { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
      { name: 'word' },
    ],
    ['a list', { type: 'array', items: { type: 'integer' }, minItems: 2 }, [1, 1]],
  ])('gives %s where the schema says so', async (_, schema, value) => {
    const { result } = await answered({ prompt: 'List them', schema });
    expect(result).toMatchObject({ value, text: JSON.stringify(value), finishReason: 'stop' });
  });

  it('gives a text that was cut, and says so', async () => {
    const { job, result } = await answered({ prompt: 'Tell me everything', maxOutputTokens: 1 });
    expect(job.status).toBe('succeeded');
    expect(result).toMatchObject({ text: 'You said: Te', finishReason: 'length' });
    expect(job.steps[0]?.notes).toEqual(['The answer was cut off at 1 tokens.']);
  });

  it('does not give JSON that was cut', async () => {
    const schema = {
      type: 'object',
      properties: { name: { const: 'a name that is long' } },
      required: ['name'],
    };
    const { job } = await answered({ prompt: 'Half of it', schema, maxOutputTokens: 1 });
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'answer-too-long', step: 'answer' } });
  });

  it('asks again when the answer is malformed', async () => {
    house.models.next('broken-json');
    const { job, result } = await answered({ prompt: 'Twice', schema: { type: 'object' } });
    expect(job.steps[0]).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(result.value).toEqual({});
    expect(callsFor('Twice')).toHaveLength(2);
  });

  it('streams what the model says while it says it', async () => {
    house.models.next('slow', { durationMs: 3_000 });
    const { id } = await house.submitJob('ask', { prompt: long('Frogs') });
    const stream = await openStream(`${house.url}/v1/jobs/${id}/events`);
    const said = () =>
      stream.events
        .filter(({ type }) => type === 'output.delta')
        .map(({ data }) => data['text'] as string)
        .join('');
    await until(() => said().startsWith('You said: Frogs'), { what: 'the answer begins to arrive' });
    expect((await house.job(id)).done).toBe(false);
    await stream.untilClosed();
    expect((await ended(id)).result).toMatchObject({ text: said() });
  });

  it('keeps what was said when it is cancelled', async () => {
    const { id } = await house.submitJob('ask', { prompt: long('Toads'), model: 'openai/hang-mid-stream' });
    await house.jobWhen(id, 'the model has begun', ({ output }) => Boolean(output?.text.includes('Toads')));
    await house.request('POST', `/v1/jobs/${id}/cancel`, {});
    const job = await ended(id);
    expect(job).toMatchObject({ status: 'cancelled', partial: true, output: { step: 'answer' } });
    expect(job.output?.text).toMatch(/^You said: Toads/);
    expect(job.usage).toMatchObject({ estimated: true });
  });

  it('can be retried when it has failed', async () => {
    house.models.next('wrong-key');
    const { job } = await answered({ prompt: 'Once more' });
    expect(job).toMatchObject({ status: 'failed', failure: { code: 'provider-key-refused' } });
    const { body } = await house.request<Job>('POST', `/v1/jobs/${job.id}/retry`);
    expect(await ended(body.id)).toMatchObject({ status: 'succeeded', retryOf: job.id });
    expect(callsFor('Once more')).toHaveLength(2);
  });
});

failOnLeftovers();
