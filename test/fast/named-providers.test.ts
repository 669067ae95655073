import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anyText } from '../../activities/providers/answer-form.js';
import { createModels } from '../../activities/providers/model.js';
import { createPrices } from '../../activities/providers/prices.js';
import { ConfigError, loadConfig } from '../../src/config.js';
import { type CaseServer, startCaseServer } from '../harness/case-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { cost, done, ended, said, stream } from '../harness/provider-answers.js';

let one: CaseServer;
let other: CaseServer;

beforeAll(async () => {
  [one, other] = await Promise.all([startCaseServer(), startCaseServer()]);
  for (const [server, text] of [
    [one, 'one'],
    [other, 'other'],
  ] as const) {
    server.add('any/model', stream(said(text), ended(), cost, done));
  }
});
afterAll(() => Promise.all([one.close(), other.close()]));

const ask = (models: ReturnType<typeof createModels>, model: string) =>
  models.ask({
    model,
    prompt: 'Hello',
    form: anyText,
    longestAnswer: 100,
    longestLoop: 2_000,
    mostTokens: 5_000,
    signal: new AbortController().signal,
  });

it('are asked beside OpenAI, each at its address with its key', async () => {
  const config = loadConfig({
    MODEL: 'openai/any/model',
    MODELS: 'local/any/model, my-groq/any/model',
    OPENAI_BASE_URL: one.models,
    OPENAI_API_KEY: 'sk-openai',
    PROVIDERS: `local=${other.models}, my-groq=${other.models}/`,
    MY_GROQ_API_KEY: 'gsk-groq',
  });
  const models = createModels(config);
  expect(models.names).toEqual(['openai/any/model', 'local/any/model', 'my-groq/any/model']);
  const texts = [];
  for (const name of models.names) {
    const { text, provider } = await ask(models, name);
    texts.push([provider, text]);
  }
  expect(texts).toEqual([
    ['openai/any/model', 'one'],
    ['local/any/model', 'other'],
    ['my-groq/any/model', 'other'],
  ]);
  const keys = [...one.requests, ...other.requests].map(({ headers }) => headers['authorization']);
  expect(keys).toEqual(['Bearer sk-openai', undefined, 'Bearer gsk-groq']);
  expect(other.requests.map(({ path }) => path)).toEqual(['/v1/chat/completions', '/v1/chat/completions']);
});

it('have the list prices of whoever is known to be behind the address', () => {
  const { MODEL_PRICES, PROVIDERS } = loadConfig({
    PROVIDERS: `groq=https://api.groq.com/openai/v1,local=${one.models}`,
  });
  const priceOf = createPrices({ MODEL_PRICES, PROVIDERS });
  const tokens = {
    inputTokens: 1_000_000,
    cachedInputTokens: null,
    cacheWriteTokens: null,
    outputTokens: 0,
    reasoningTokens: null,
  };
  expect(priceOf('groq/llama-3.1-8b-instant', tokens)).toBeGreaterThan(0);
  expect(priceOf('local/gpt-4o', tokens)).toBeNull();
});

describe('PROVIDERS', () => {
  it.each<[string, string]>([
    ['local', 'write name=address'],
    ['Local=http://127.0.0.1/v1', 'small letters'],
    ['openai=http://127.0.0.1/v1', '"openai" is a provider already'],
    ['rules=http://127.0.0.1/v1', '"rules" is a provider already'],
    ['a=http://127.0.0.1/v1,a=http://127.0.0.1/v1', '"a" is there twice'],
    ['a=127.0.0.1:8080', 'begins with http:// or https://'],
    ['a=http://me:secret@127.0.0.1/v1', 'belongs into A_API_KEY'],
  ])('refuses %s', (PROVIDERS, complaint) => {
    const load = () => loadConfig({ PROVIDERS });
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(`PROVIDERS: `);
    expect(load).toThrow(complaint);
    expect(load).not.toThrow('secret');
  });

  it('has to know the provider of a model', () => {
    const load = () => loadConfig({ MODEL: 'groq/llama', PROVIDERS: `local=${one.models}` });
    expect(load).toThrow('"groq/llama" is no known model name');
  });
});

failOnLeftovers();
