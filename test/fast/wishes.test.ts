import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { chooseWordsAnswer } from '../../activities/prompts/choose-words.js';
import { anyText } from '../../activities/providers/answer-form.js';
import { type Models, type Question, createModels } from '../../activities/providers/model.js';
import {
  type BehaviourName,
  type ModelServer,
  startModelServer,
} from '../../scripts/stand-ins/model-server.js';
import { failOnLeftovers } from '../harness/leftovers.js';

let server: ModelServer;
let models: Models;

beforeAll(async () => {
  server = await startModelServer();
});
afterAll(() => server.close());
beforeEach(() => {
  models = createModels({
    MODEL: 'openai/any',
    MODELS: ['anthropic/claude-sonnet-4-5'],
    OPENAI_BASE_URL: server.url,
    ANTHROPIC_BASE_URL: server.url,
    ANTHROPIC_API_KEY: 'sk-ant',
  });
});

const text = JSON.stringify({ words: [] });

async function ask(behaviour: BehaviourName, more: Partial<Question<unknown>> = {}): Promise<unknown[]> {
  const before = server.calls.length;
  const tries = 3;
  for (let n = 0; n < tries; n += 1) server.next(behaviour, { text });
  await models.ask({
    model: 'openai/any',
    prompt: 'Name words.',
    ...chooseWordsAnswer(5),
    mostTokens: 5_000,
    signal: new AbortController().signal,
    ...more,
  });
  const bodies = server.calls.slice(before).map(({ body }) => body);
  // What was not asked for again is not left to the next one.
  for (let n = bodies.length; n < tries; n += 1)
    await models.ask({
      ...{ model: 'openai/any', prompt: 'Go on.', form: anyText, longestAnswer: 10_000, longestLoop: 2_000 },
      ...{ mostTokens: 50, signal: new AbortController().signal },
    });
  return bodies;
}

const schemaOf = (body: unknown): string =>
  JSON.stringify((body as { response_format?: unknown }).response_format ?? null);

describe('a call', () => {
  it('says how many items there may be, how long they may be, and how long all of it', async () => {
    const [body] = await ask('answer');
    const schema = schemaOf(body);
    expect(schema).toContain('"minItems":1,"maxItems":5');
    expect(schema).toContain('"maxLength":100');
    expect(schema).toContain('"maxLength":600');
    expect(body).toMatchObject({ max_tokens: 5_000 });
  });

  it('of Anthropic says so in words, where its schemas cannot', async () => {
    const [body] = await ask('answer', { model: 'anthropic/claude-sonnet-4-5' });
    expect(body).toMatchObject({ max_tokens: 5_000 });
    expect(JSON.stringify(body)).toMatch(/max ?items: ?5/i);
  });
});

describe('a server that refuses a wish', () => {
  it.each<[BehaviourName, (body: unknown) => boolean]>([
    ['refuses-lengths', (body) => /maxLength/.test(schemaOf(body)) || !/maxItems/.test(schemaOf(body))],
    ['refuses-counts', (body) => /max(Items|Length)/.test(schemaOf(body))],
    ['refuses-long', (body) => 'max_tokens' in (body as object)],
  ])('is asked without it, at once and from then on (%s)', async (behaviour, wished) => {
    const bodies = await ask(behaviour);
    expect(bodies.map(wished)).toEqual([true, false]);
    expect((await ask(behaviour)).map(wished)).toEqual([false]);
  });

  it('has the last word on a limit that a person has set', async () => {
    await expect(ask('refuses-long', { maxOutputTokens: 200 })).rejects.toMatchObject({
      code: 'provider-refused',
    });
  });

  it('still has its other refusals told', async () => {
    await expect(ask('bad-request')).rejects.toMatchObject({ code: 'provider-refused' });
  });
});

failOnLeftovers();
