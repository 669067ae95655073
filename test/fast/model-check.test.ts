import { describe, expect, it } from '@jest/globals';
import { loadConfig } from '../../src/config.js';
import { ModelCheck } from '../../src/jobs/model-check.js';

const base = { MODEL: 'openai/answer', OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' };
const transcriber = { TRANSCRIBE_BASE_URL: 'http://127.0.0.1:2/v1' };

const refusal = (env: Record<string, string>, ofJob: boolean) =>
  new ModelCheck(loadConfig({ ...base, ...env })).refusal({
    type: 'transcribeFolder',
    input: { inputDir: 'recordings', concurrency: 5 },
    ...(ofJob ? { budget: { maxCostUsd: 1 } } : {}),
  } as Parameters<ModelCheck['refusal']>[0]);

describe('a budget of a job that transcribes', () => {
  const owners = { OWNER_BUDGET_USD_DAY: '1' };

  it('is kept by the price of the transcriber, whatever a model costs', () => {
    const priced = { ...transcriber, TRANSCRIBE_USD_MINUTE: '0.006' };
    expect(refusal(priced, true)).toBeNull();
    expect(refusal({ ...priced, ...owners }, false)).toBeNull();
  });

  it('cannot be kept where that is not known, also where the price of the model is', () => {
    const known = { ...transcriber, MODEL_PRICES: 'openai/answer=1/2' };
    expect(refusal(known, true)).toMatchObject({
      code: 'price-unknown',
      options: {
        errors: [{ pointer: '/budget/maxCostUsd', detail: expect.stringMatching(/transcriber\//) }],
      },
    });
    expect(refusal({ ...known, ...owners }, false)).toMatchObject({ code: 'price-unknown' });
  });

  it('is kept where nothing is paid: no transcriber, and transcripts beside the audio', () => {
    expect(refusal({}, true)).toBeNull();
    expect(refusal(owners, false)).toBeNull();
  });
});
