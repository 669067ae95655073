import { describe, expect, it } from '@jest/globals';
import { UnprocessableEntityException } from '@nestjs/common';
import { modelOf } from '../../src/compat/ai-assistant/llm-config.js';
import { failOnLeftovers } from '../harness/leftovers.js';

const models = { default: 'openai/gpt-5-mini', names: ['openai/gpt-5-mini', 'local/qwen/qwen3'] };

const refused = (config: Record<string, unknown>): string => {
  try {
    modelOf(config, models);
  } catch (error) {
    if (error instanceof UnprocessableEntityException) return error.message;
    throw error;
  }
  return 'taken';
};

describe("somebody's model settings", () => {
  it.each([
    [null],
    [undefined],
    [{}],
    [{ endpoint: null, model: null, api_key: null, mode: null, max_tokens: null }],
    [{ endpoint: '', model: ' ', api_key: '', mode: 'openai_compatible', max_tokens: 4000 }],
    [{ temperature: 0.7, stream: true, mode: 'ollama_native' }],
  ])('%j names no model', (config) => {
    expect(modelOf(config, models)).toBeUndefined();
  });

  it.each([
    [{ model: 'openai/gpt-5-mini' }, 'openai/gpt-5-mini'],
    [{ model: 'gpt-5-mini', mode: 'openai_compatible' }, 'openai/gpt-5-mini'],
    [{ llm_model: 'qwen/qwen3', max_tokens: 100 }, 'local/qwen/qwen3'],
  ])('%j names one', (config, name) => {
    expect(modelOf(config, models)).toBe(name);
  });

  it('of a model that is not offered are refused with those that are', () => {
    expect(refused({ model: 'gpt-9' })).toMatch(/not offered.*openai\/gpt-5-mini, local\/qwen\/qwen3/);
  });

  const secret = 'very-secret-value';
  it.each([
    [{ api_key: secret }],
    [{ apiKey: secret, model: 'gpt-5-mini' }],
    [{ llm_api_key: secret }],
    [{ token: secret }],
    [{ headers: { Authorization: `Bearer ${secret}` } }],
    [{ anything: `sk-${secret}` }],
    [{ api_key: 12_345 }],
  ])('%j are refused for the key, which is not said again', (config) => {
    const sentence = refused(config);
    expect(sentence).toMatch(/^A key in llm_config is not taken.*\.$/);
    expect(sentence).not.toContain(secret);
  });

  it.each([
    [{ endpoint: 'http://10.0.0.1:11434' }],
    [{ base_url: 'my-host' }],
    [{ llm_endpoint: 'x' }],
    [{ other: 'https://example.org/v1' }],
    [{ model: 'http://example.org/v1' }],
    [{ list: [{ host: 'example.org' }] }],
  ])('%j are refused for the address', (config) => {
    expect(refused(config)).toMatch(/^An address in llm_config is not taken.*\.$/);
  });
});

failOnLeftovers();
