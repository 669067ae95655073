import { APICallError, type LanguageModelMiddleware, wrapLanguageModel } from 'ai';
import { isRecord } from '../../job-types/contract/is-record.js';
import type { OpenedModel } from './language-models.js';

/** What is asked of a server besides the question, and what it calls that when it cannot do it. */
const wishes = {
  /** How long the answer may be. Servers refuse more than their model can say, or than its context has left. */
  tokens: /max_(?:completion_|output_)?tokens|in the completion|completion tokens/i,
  /** How long its texts may be. OpenAI's strict mode knows no such thing. */
  lengths: /(?:min|max)Length|grammar|repetitions/,
  /** How many items its lists may have. */
  counts: /(?:min|max)Items|grammar|repetitions/,
} as const;

export type Wish = keyof typeof wishes;

const keywords: Readonly<Record<'lengths' | 'counts', readonly string[]>> = {
  lengths: ['minLength', 'maxLength'],
  counts: ['minItems', 'maxItems'],
};

/** Characters of a refusal that are searched. */
const longestRefusal = 4_000;

type Params = Parameters<NonNullable<LanguageModelMiddleware['wrapStream']>>[0]['params'];

export interface Wishing {
  /** Whether the bound on the answer's length is our own: one that a person has set stays. */
  ours: boolean;
  /** What the model's server has refused so far. More is added. */
  refused: Set<Wish>;
}

/** OpenAI itself says in its manual what it does not take: no request is wasted on finding out. */
const isOpenAi = (model: OpenedModel): boolean =>
  model.provider.startsWith('openai') && !('supportsStructuredOutputs' in model);

/**
 * The model, asked without the wishes that its server refuses: a refusal costs nothing, and the same question follows
 * at once without that wish.
 */
export function wishfulModel(model: OpenedModel, { ours, refused }: Wishing): OpenedModel {
  if (isOpenAi(model)) refused.add('lengths');
  const asked = (params: Params): Params => ({
    ...params,
    ...(ours && refused.has('tokens') ? { maxOutputTokens: undefined } : {}),
    ...withoutLimits(params, refused),
  });
  return wrapLanguageModel({
    model,
    middleware: {
      specificationVersion: 'v4',
      async wrapStream({ params, model: server }) {
        for (;;) {
          try {
            return await server.doStream(asked(params));
          } catch (error) {
            const more = refusedIn(error).filter((wish) => !refused.has(wish) && (ours || wish !== 'tokens'));
            if (more.length === 0) throw error;
            for (const wish of more) refused.add(wish);
          }
        }
      },
    },
  });
}

function refusedIn(error: unknown): Wish[] {
  if (!APICallError.isInstance(error) || (error.statusCode !== 400 && error.statusCode !== 422)) return [];
  const said = `${error.message} ${error.responseBody ?? ''}`.slice(0, longestRefusal);
  return (Object.keys(wishes) as Wish[]).filter((wish) => wishes[wish].test(said));
}

function withoutLimits(
  { responseFormat }: Params,
  refused: ReadonlySet<Wish>,
): Pick<Params, 'responseFormat'> {
  const names = new Set(
    (['lengths', 'counts'] as const).flatMap((wish) => (refused.has(wish) ? keywords[wish] : [])),
  );
  if (names.size === 0 || responseFormat?.type !== 'json' || !responseFormat.schema) return {};
  return { responseFormat: { ...responseFormat, schema: withoutKeywords(responseFormat.schema, names) } };
}

/** Schemas by name: there a key is no keyword. */
const named: ReadonlySet<string> = new Set(['properties', '$defs', 'definitions']);

/** What the values of `enum` and the like say is not looked into. */
const literal: ReadonlySet<string> = new Set(['enum', 'const', 'default', 'examples', 'required']);

function withoutKeywords<T>(part: T, names: ReadonlySet<string>): T {
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip);
    if (!isRecord(value)) return value;
    const kept = Object.entries(value).filter(([key]) => !names.has(key));
    return Object.fromEntries(kept.map(([key, inner]) => [key, inside(key, inner)]));
  };
  const inside = (key: string, inner: unknown): unknown => {
    if (literal.has(key)) return inner;
    if (!named.has(key) || !isRecord(inner)) return strip(inner);
    return Object.fromEntries(Object.entries(inner).map(([name, schema]) => [name, strip(schema)]));
  };
  return strip(part) as T;
}
