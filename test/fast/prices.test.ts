import { describe, expect, it } from '@jest/globals';
import type { Tokens } from '../../activities/frame/tokens.js';
import { createPrices } from '../../activities/providers/prices.js';
import { loadConfig } from '../../src/config.js';

const tokens = (more: Partial<Tokens> = {}): Tokens => ({
  inputTokens: 1_000_000,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  outputTokens: 100_000,
  reasoningTokens: null,
  ...more,
});

const prices = (env: Record<string, string> = {}) => createPrices(loadConfig(env));

describe('the price of a call', () => {
  it('is the list price of a model that is known', () => {
    const priceOf = prices();
    expect(priceOf('openai/gpt-4o', tokens())).toBeCloseTo(2.5 + 1, 6);
    expect(priceOf('openai/gpt-4o', tokens({ cachedInputTokens: 400_000 }))).toBeCloseTo(1.5 + 0.5 + 1, 6);
    expect(priceOf('anthropic/claude-3-5-haiku-latest', tokens({ inputTokens: 1_000 }))).toBeGreaterThan(0);
  });

  it('counts what is written to the cache at its own price', () => {
    const priceOf = prices();
    const written = priceOf(
      'anthropic/claude-sonnet-4-5',
      tokens({ inputTokens: 1_000, cacheWriteTokens: 1_000 }),
    );
    const plain = priceOf('anthropic/claude-sonnet-4-5', tokens({ inputTokens: 1_000 }));
    expect(written).toBeGreaterThan(plain ?? Infinity);
  });

  it('is not known, which is not nothing, for a model that is not', () => {
    expect(prices()('openai/my-model', tokens())).toBeNull();
    expect(prices()('openai/ft:gpt-4o:acme::1', tokens({ outputTokens: 0 }))).toBeNull();
  });

  it('is the price of nobody at a server that is not the provider', () => {
    const env = { OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1' };
    expect(prices(env)('openai/gpt-4o', tokens())).toBeNull();
    const own = prices({ ...env, MODEL_PRICES: 'openai/gpt-4o=0/0' });
    expect(own('openai/gpt-4o', tokens())).toBe(0);
  });

  it('can be set for a model of a named provider', () => {
    const own = prices({ PROVIDERS: 'local=http://127.0.0.1:8080/v1', MODEL_PRICES: 'local/llama=1/2' });
    expect(own('local/llama', tokens({ inputTokens: 1_000_000, outputTokens: 0 }))).toBe(1);
  });

  it('is that of Anthropic behind a proxy', () => {
    const env = { ANTHROPIC_BASE_URL: 'http://127.0.0.1:4000/v1' };
    expect(prices(env)('anthropic/claude-sonnet-4-5', tokens({ inputTokens: 1_000 }))).toBeGreaterThan(0);
  });

  it.each([
    ['openai/gpt-4o=1/2', tokens(), 1.2],
    ['openai/ft:gpt-4o:acme::1=1/2,openai/gpt-4o=3/0', tokens(), 3],
    ['openai/gpt-4o=1/2', tokens({ cachedInputTokens: 500_000 }), 1.2],
    ['openai/gpt-4o=1/2/0.1', tokens({ cachedInputTokens: 500_000 }), 0.5 + 0.05 + 0.2],
    ['openai/gpt-4o=0.5/0', tokens({ cachedInputTokens: 2_000_000 }), 0.5],
  ])('is the own one where there is one: %s', (MODEL_PRICES, used, cost) => {
    expect(prices({ MODEL_PRICES })('openai/gpt-4o', used)).toBeCloseTo(cost, 9);
  });

  it('bears more cached tokens than tokens', () => {
    expect(prices()('openai/gpt-4o', tokens({ cachedInputTokens: 9_000_000 }))).toBeCloseTo(1.25 + 1, 6);
  });
});

describe('MODEL_PRICES', () => {
  it.each([
    ['gpt-4o=1/2', '"gpt-4o=1/2" is no price'],
    ['openai/gpt-4o', '"openai/gpt-4o" is no price'],
    ['openai/gpt-4o=1', '"openai/gpt-4o=1" is no price'],
    ['openai/gpt-4o=1/two', 'is no price'],
    ['openai/gpt-4o=-1/2', 'is no price'],
    ['openai/gpt-4o=1/2/3/4', 'is no price'],
    ['rules=1/2', '"rules=1/2" is no price'],
    ['openai/a=1/2, openai/a=1/3', 'openai/a has two prices'],
  ])('is refused when it reads %s', (MODEL_PRICES, sentence) => {
    expect(() => loadConfig({ MODEL_PRICES })).toThrow(/MODEL_PRICES: /);
    expect(() => loadConfig({ MODEL_PRICES })).toThrow(sentence);
  });

  it('takes names with signs of its own', () => {
    const { MODEL_PRICES } = loadConfig({ MODEL_PRICES: ' openai/a=b/c=0.5/1.5 , anthropic/x=1/2/0.25 ' });
    expect([...MODEL_PRICES]).toEqual([
      ['openai/a=b/c', { input: 0.5, output: 1.5, cached: 0.5 }],
      ['anthropic/x', { input: 1, output: 2, cached: 0.25 }],
    ]);
  });
});
