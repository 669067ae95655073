import { calcPrice } from '@pydantic/genai-prices';
import type { NamedProvider } from '../../job-types/fields/named-providers.js';
import type { ModelPrice } from '../../job-types/fields/model-prices.js';
import type { PriceOf, Tokens } from '../frame/tokens.js';
import { transcriberName } from '../../job-types/fields/transcriber-name.js';

export interface PriceChoice {
  /** The operator's own, which come first. */
  MODEL_PRICES: ReadonlyMap<string, ModelPrice>;
  OPENAI_BASE_URL?: string | undefined;
  PROVIDERS?: ReadonlyMap<string, NamedProvider> | undefined;
  TRANSCRIBE_MODEL?: string | undefined;
  /** US dollars for a minute of audio. */
  TRANSCRIBE_USD_MINUTE?: number | undefined;
}

const mtok = 1_000_000;

/**
 * What calls cost: by the operator's prices, otherwise by the list prices that the package carries. Nothing is fetched.
 * Behind OPENAI_BASE_URL there is somebody else's server, whose models may have the names of OpenAI's and not their
 * prices. ANTHROPIC_BASE_URL is a proxy, behind which Anthropic bills. A named provider has the list prices of whoever is
 * known to be behind its address.
 */
export function createPrices(choice: PriceChoice): PriceOf {
  const { MODEL_PRICES, OPENAI_BASE_URL, PROVIDERS, TRANSCRIBE_USD_MINUTE: minute } = choice;
  const transcriber = transcriberName(choice);
  return (model, { audioSeconds = 0, ...tokens }) => {
    if (model === transcriber && minute !== undefined) return (audioSeconds / 60) * minute;
    const own = MODEL_PRICES.get(model);
    if (own) return ownPrice(own, tokens);
    const slash = model.indexOf('/');
    const providerId = model.slice(0, slash);
    if (providerId === 'openai' && OPENAI_BASE_URL) return null;
    const named = PROVIDERS?.get(providerId);
    const provider = named ? { providerApiUrl: named.baseURL } : { providerId };
    return listPrice(model.slice(slash + 1), { provider, tokens });
  };
}

function ownPrice({ input, output, cached }: ModelPrice, tokens: Tokens): number {
  const fromCache = Math.min(tokens.cachedInputTokens ?? 0, tokens.inputTokens);
  const cost = (tokens.inputTokens - fromCache) * input + fromCache * cached + tokens.outputTokens * output;
  return cost / mtok;
}

function listPrice(
  modelId: string,
  { provider, tokens }: { provider: { providerId: string } | { providerApiUrl: string }; tokens: Tokens },
): number | null {
  // More cached tokens than tokens, which the package throws at, would be a slip of the provider's.
  const fromCache = Math.min(tokens.cachedInputTokens ?? 0, tokens.inputTokens);
  const toCache = Math.min(tokens.cacheWriteTokens ?? 0, tokens.inputTokens - fromCache);
  const price = calcPrice(
    {
      input_tokens: tokens.inputTokens,
      cache_read_tokens: fromCache,
      cache_write_tokens: toCache,
      output_tokens: tokens.outputTokens,
    },
    modelId,
    provider,
  );
  return price?.total_price ?? null;
}
