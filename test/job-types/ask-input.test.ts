import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { pointersOf, problemIn } from '../harness/problem.js';
import { whileBusy } from '../harness/while-busy.js';

let house: House;
/** Without a model, and with one that is not the usual choice. */
let modelless: House;
let undecided: House;

const houses: House[] = [];

async function open(env: Record<string, string>): Promise<House> {
  const opened = await openHouse(env);
  houses.push(opened);
  return opened;
}

beforeAll(async () => {
  house = await open({ MODELS: 'rules' });
  modelless = await open({ MODEL: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '' });
  undecided = await open({ MODEL: 'rules', MODELS: 'openai/answer' });
});
afterAll(() => Promise.all(houses.map((one) => one.close())));

const post = ({ api }: House, input: unknown, more: object = {}) => {
  const ask = () =>
    api.inject({
      method: 'POST',
      url: '/v1/jobs',
      headers: { 'content-type': 'application/json' },
      payload: JSON.stringify({ type: 'ask', input, ...more }),
    });
  return whileBusy(ask, ({ statusCode }) => statusCode);
};

const prompt = 'Hello';
const user = { role: 'user', content: 'Hello' };
const assistant = { role: 'assistant', content: 'Good day' };
const schema = (part: unknown) => ({ type: 'object', properties: { x: part } });

describe('an input that cannot be used is refused, with a pointer to each bad field', () => {
  it.each<[string, unknown, string[]]>([
    ['nothing', {}, ['/input/prompt']],
    ['prompt and messages', { prompt, messages: [user] }, ['/input/messages']],
    ['an empty prompt', { prompt: '' }, ['/input/prompt']],
    ['a prompt of white space', { prompt: ' \n' }, ['/input/prompt']],
    ['a prompt that is no text', { prompt: 5 }, ['/input/prompt']],
    ['a prompt that cannot be stored', { prompt: 'a\0' }, ['/input/prompt']],
    [
      'a message of half a million characters and more',
      { messages: [{ role: 'user', content: 'x'.repeat(500_001) }] },
      ['/input/messages/0/content'],
    ],
    ['no messages', { messages: [] }, ['/input/messages']],
    ["a last message that is not the user's", { messages: [user, assistant] }, ['/input/messages/1/role']],
    [
      'a role that nobody plays',
      { messages: [{ role: 'system', content: 'x' }] },
      ['/input/messages/0/role'],
    ],
    ['a message without content', { messages: [{ role: 'user' }] }, ['/input/messages/0/content']],
    [
      'an empty message',
      { messages: [user, { ...assistant, content: ' ' }, user] },
      ['/input/messages/1/content'],
    ],
    ['a message with more', { messages: [{ ...user, name: 'Ann' }] }, ['/input/messages/0/name']],
    [
      'a message that cannot be stored',
      { messages: [{ ...user, content: '\ud800' }] },
      ['/input/messages/0/content'],
    ],
    ['an empty system text', { prompt, system: '' }, ['/input/system']],
    ['a system text that cannot be stored', { prompt, system: 'a\0' }, ['/input/system']],
    ['a model that is no text', { prompt, model: 5 }, ['/input/model']],
    ['no tokens', { prompt, maxOutputTokens: 0 }, ['/input/maxOutputTokens']],
    ['half a token', { prompt, maxOutputTokens: 1.5 }, ['/input/maxOutputTokens']],
    ['more tokens than models say', { prompt, maxOutputTokens: 128_001 }, ['/input/maxOutputTokens']],
    ['a temperature below zero', { prompt, temperature: -0.1 }, ['/input/temperature']],
    ['a temperature above two', { prompt, temperature: 2.1 }, ['/input/temperature']],
    ['an unknown field', { prompt, maxTokens: 5 }, ['/input/maxTokens']],
    ['a schema that is none', { prompt, schema: 'object' }, ['/input/schema']],
    [
      'an unknown keyword',
      { prompt, schema: schema({ nullable: true }) },
      ['/input/schema/properties/x/nullable'],
    ],
    [
      'a pattern that is none',
      { prompt, schema: schema({ pattern: '(' }) },
      ['/input/schema/properties/x/pattern'],
    ],
    ['a schema elsewhere', { prompt, schema: { $ref: 'https://example.org/' } }, ['/input/schema/$ref']],
    [
      'a name that needs escaping in a pointer',
      { prompt, schema: { type: 'object', properties: { 'a/b': 5 } } },
      ['/input/schema/properties/a~1b'],
    ],
    [
      'mistakes in several places',
      { prompt: '', schema: schema({ type: 'text' }), temperature: 9 },
      ['/input/prompt', '/input/schema/properties/x/type', '/input/temperature'],
    ],
  ])('%s', async (_, input, pointers) => {
    const problem = problemIn(await post(house, input));
    expect(problem).toMatchObject({ status: 422, code: 'validation-failed' });
    expect(pointersOf(problem)).toEqual(pointers);
  });

  it.each([
    ['deeper than schemas may', 40, {}, 32],
    ['deeper than bodies may', 50_000, {}, 98],
    ['deeper than bodies may, with an Idempotency-Key', 50_000, { 'idempotency-key': randomUUID() }, 98],
  ])('a schema that nests %s', async (_, levels, more, place) => {
    const deep = `${'{"items":'.repeat(levels)}{}${'}'.repeat(levels)}`;
    const payload = `{"type":"ask","input":{"prompt":"Hello","schema":${deep}}}`;
    const headers = { 'content-type': 'application/json', ...more };
    const answer = await house.api.inject({ method: 'POST', url: '/v1/jobs', headers, payload });
    expect(pointersOf(problemIn(answer))).toEqual([`/input/schema${'/items'.repeat(place)}`]);
  });

  it('a model that is not offered', async () => {
    const problem = problemIn(await post(house, { prompt, model: 'openai/other' }));
    expect(problem).toMatchObject({ status: 422, code: 'unknown-model' });
    expect(pointersOf(problem)).toEqual(['/input/model']);
  });
});

describe('a job that needs a model', () => {
  it.each<[string, () => House, object, RegExp]>([
    ['none is configured', () => modelless, {}, /MODEL is not set\..*MODEL.*OPENAI_API_KEY.*OPENAI_BASE_URL/],
    ['it names the rules', () => house, { model: 'rules' }, /Name one of openai\/answer\./],
    ['the usual choice is the rules', () => undecided, {}, /Name one of openai\/answer\./],
  ])('is refused when %s', async (_, at, input, detail) => {
    for (const more of [{}, { validateOnly: true }]) {
      const problem: Failure = problemIn(await post(at(), { prompt, ...input }, more));
      expect(problem).toMatchObject({ status: 422, code: 'model-required', retryable: false });
      expect(problem.detail).toMatch(detail);
      expect(pointersOf(problem)).toEqual(['/input/model']);
    }
  });

  it('is taken when it names one', async () => {
    const { statusCode, body } = await post(undecided, { prompt, model: 'openai/answer' });
    expect(statusCode).toBe(202);
    expect(JSON.parse(body) as Job).toMatchObject({ type: 'ask', status: 'queued' });
  });

  it('says so in the list of job types', async () => {
    const types = await Promise.all(
      ['ask', 'extractArticle'].map((name) =>
        house.ask<{ needsModel: boolean }>('GET', `/v1/job-types/${name}`),
      ),
    );
    expect(types.map(({ body }) => body.needsModel)).toEqual([true, false]);
  });

  it('is no other: those that do without run as before', async () => {
    const input = { url: 'http://127.0.0.1:9/', sourceLang: 'es', targetLang: 'fr' };
    const body = { type: 'extractArticle', input, validateOnly: true };
    expect((await modelless.ask('POST', '/v1/jobs', body)).status).toBe(200);
  });
});

failOnLeftovers();
