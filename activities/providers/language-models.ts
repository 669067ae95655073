import { createAnthropic } from '@ai-sdk/anthropic';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import type { LanguageModel } from 'ai';
import type { NamedProvider } from '../../job-types/fields/named-providers.js';
import { StepFailure } from '../frame/step-failure.js';
import { anthropicMessages } from './wire/anthropic-messages.js';
import { chatCompletions } from './wire/chat-completions.js';
import type { Listen } from './wire/dialect.js';

/** The keys and addresses of the configuration. */
export interface ModelAccess {
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
  ANTHROPIC_API_KEY?: string | undefined;
  ANTHROPIC_BASE_URL?: string | undefined;
  /** OpenAI-compatible servers by their names. */
  PROVIDERS?: ReadonlyMap<string, NamedProvider> | undefined;
}

/** As opposed to a name, which the SDK would look up by itself. */
export type OpenedModel = Exclude<LanguageModel, string>;

type Fetch = typeof globalThis.fetch;

/** How a model is reached. */
export interface ModelRoute {
  /** How the stream of its provider is read. */
  listen: Listen;
  /** Whether a server of whatever make answers, which may pass over a schema. */
  isCompatible: boolean;
  /** The model, asked over one connection. */
  open(fetch: Fetch): OpenedModel;
}

function keyOf(access: ModelAccess, variable: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY'): string {
  const key = access[variable];
  if (!key) throw new StepFailure('provider-key-missing', `${variable} is not set.`);
  return key;
}

/** The addresses are given because the SDK would otherwise look for them in the environment by itself. */
const addresses = { openai: 'https://api.openai.com/v1', anthropic: 'https://api.anthropic.com/v1' };

/** Local servers often need no key. */
const compatible = (modelId: string, { baseURL, apiKey }: NamedProvider): ModelRoute => ({
  listen: chatCompletions,
  isCompatible: true,
  open: (fetch) =>
    createOpenAICompatible({
      // Under this name it finds its options.
      name: 'openai',
      baseURL,
      fetch,
      includeUsage: true,
      supportsStructuredOutputs: true,
      ...(apiKey ? { apiKey } : {}),
    }).chatModel(modelId),
});

type Route = (modelId: string, access: ModelAccess) => ModelRoute;

const providers: Readonly<Record<string, Route>> = {
  // Chat completions, not responses: nothing is stored at the provider, and it is the protocol the compatible servers copy.
  openai(modelId, access) {
    const { OPENAI_BASE_URL: baseURL, OPENAI_API_KEY: apiKey } = access;
    if (baseURL) return compatible(modelId, { baseURL, apiKey });
    const key = keyOf(access, 'OPENAI_API_KEY');
    return {
      listen: chatCompletions,
      isCompatible: false,
      open: (fetch) => createOpenAI({ apiKey: key, baseURL: addresses.openai, fetch }).chat(modelId),
    };
  },

  anthropic(modelId, access) {
    const apiKey = keyOf(access, 'ANTHROPIC_API_KEY');
    const baseURL = access.ANTHROPIC_BASE_URL ?? addresses.anthropic;
    return {
      listen: anthropicMessages,
      isCompatible: false,
      open: (fetch) => createAnthropic({ apiKey, baseURL, fetch })(modelId),
    };
  },
};

/**
 * @param name provider/model; what follows the first slash is the provider's own name for the model
 * @throws {StepFailure} when the provider needs a key and none is set
 */
export function routeTo(name: string, access: ModelAccess): ModelRoute {
  const slash = name.indexOf('/');
  const [provider, modelId] = [name.slice(0, slash), name.slice(slash + 1)];
  const named = access.PROVIDERS?.get(provider);
  if (named) return compatible(modelId, named);
  const route = providers[provider];
  if (!route) throw new StepFailure('model-not-found', `${name} is not a model that can be asked.`);
  return route(modelId, access);
}

/** Every key of the configuration, none of which may appear in a failure. */
export const keysOf = ({ OPENAI_API_KEY, ANTHROPIC_API_KEY, PROVIDERS }: ModelAccess): string[] =>
  [
    OPENAI_API_KEY,
    ANTHROPIC_API_KEY,
    ...[...(PROVIDERS?.values() ?? [])].map(({ apiKey }) => apiKey),
  ].flatMap((key) => key ?? []);
