import { z } from 'zod';

/** What the configuration says about models. */
export interface ModelChoice {
  MODEL?: string | undefined;
  MODELS: readonly string[];
  /** Providers beside OpenAI and Anthropic, by their names. */
  PROVIDERS?: ReadonlyMap<string, unknown> | undefined;
}

export interface ModelNames {
  /** Used when a job names none. */
  default: string;
  /** Those a job may name, the default first. */
  names: readonly string[];
}

/** The provider that needs no key. It can also be listed beside models. */
export const rulesName = 'rules';

/** Which model a job asks. That it is offered is checked where the configuration is known. */
export const ModelName = z.string().max(200).meta({
  description: 'provider/model, one of those the operator listed',
  example: 'openai/gpt-5-mini',
});

const known = /^(rules|(openai|anthropic)\/.+)$/;

/** @throws when a name is neither "rules" nor openai/... nor anthropic/... nor that of a named provider and a model */
export function modelNames({ MODEL, MODELS, PROVIDERS }: ModelChoice): ModelNames {
  const names = [...new Set([...(MODEL ? [MODEL] : []), ...MODELS])];
  const isNamed = (name: string): boolean => {
    const slash = name.indexOf('/');
    return slash > 0 && slash < name.length - 1 && (PROVIDERS?.has(name.slice(0, slash)) ?? false);
  };
  const wrong = names.filter((name) => !known.test(name) && !isNamed(name));
  if (wrong.length > 0) {
    throw new Error(
      `MODEL, MODELS: ${wrong.map((name) => `"${name}"`).join(', ')} is no known model name; ` +
        'write openai/<model> (also for OpenAI-compatible servers), anthropic/<model>, <name>/<model> with a name of ' +
        'PROVIDERS, or rules',
    );
  }
  return { default: names[0] ?? rulesName, names: names.length > 0 ? names : [rulesName] };
}
