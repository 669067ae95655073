import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import { StepFailure } from '../frame/step-failure.js';

/** The keys and addresses of the configuration. */
export interface ModelAccess {
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  ANTHROPIC_API_KEY?: string | undefined;
  ANTHROPIC_BASE_URL?: string | undefined;
}

/** As opposed to a name, which the SDK would look up by itself. */
export type OpenedModel = Exclude<LanguageModel, string>;

type Open = (modelId: string, access: ModelAccess) => OpenedModel;

function keyOf(access: ModelAccess, variable: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY'): string {
  const key = access[variable];
  if (!key) throw new StepFailure('provider-key-missing', `${variable} is not set.`);
  return key;
}

/** The addresses are given because the SDK would otherwise look for them in the environment by itself. */
const addresses = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com/v1' };

/** Local servers often need no key. */
const openCompatible = (
  modelId: string,
  { baseURL, OPENAI_API_KEY }: ModelAccess & { baseURL: string },
): OpenedModel =>
  createOpenAICompatible({
    name: 'openai',
    baseURL,
    includeUsage: true,
    supportsStructuredOutputs: true,
    ...(OPENAI_API_KEY ? { apiKey: OPENAI_API_KEY } : {}),
  }).chatModel(modelId);

const providers: Readonly<Record<string, Open>> = {
  // Chat completions, not responses: nothing is stored at the provider, and it is the protocol the compatible servers copy.
  openai: (modelId, access) =>
    access.OPENAI_BASE_URL
      ? openCompatible(modelId, { ...access, baseURL: access.OPENAI_BASE_URL })
      : createOpenAI({ apiKey: keyOf(access, 'OPENAI_API_KEY'), baseURL: addresses.openai }).chat(modelId),

  anthropic: (modelId, access) =>
    createAnthropic({
      apiKey: keyOf(access, 'ANTHROPIC_API_KEY'),
      baseURL: access.ANTHROPIC_BASE_URL ?? addresses.anthropic,
    })(modelId),
};

/**
 * @param name provider/model; what follows the first slash is the provider's own name for the model
 * @throws {StepFailure} when the provider needs a key and none is set
 */
export function openModel(name: string, access: ModelAccess): OpenedModel {
  const slash = name.indexOf('/');
  const open = providers[name.slice(0, slash)];
  if (!open) throw new StepFailure('model-not-found', `${name} is not a model that can be asked.`);
  return open(name.slice(slash + 1), access);
}
