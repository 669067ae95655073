import { z } from 'zod';

/** What became of a call. What is neither answered nor reused was paid for in vain, if it was paid for. */
export const callOutcomes = [
  'answered',
  'malformed',
  'cut',
  'refused',
  'failed',
  'cancelled',
  'lost',
  'reused',
] as const;

export type CallOutcome = (typeof callOutcomes)[number];

/** One request to a model, or an answer that was paid for by another job and used again. */
export const Call = z
  .object({
    id: z.string(),
    step: z.string(),
    item: z.string().nullable(),
    attempt: z.int(),
    model: z.string().meta({ description: 'As configured: provider/model' }),
    prompt: z.string().meta({ description: 'Name and version of the prompt' }),
    providerId: z
      .string()
      .nullable()
      .meta({ description: "The provider's own id of its answer; null until it is known" }),
    answeredBy: z.string().nullable().meta({
      description: "The stream's own name of the model that answered; null where it gave none",
    }),
    startedAt: z.iso.datetime(),
    firstTokenAfter: z.number().nullable().meta({ description: 'Seconds' }),
    settledAt: z.iso.datetime().nullable().meta({ description: 'Null while the call is under way' }),
    inputTokens: z.int().meta({ description: 'Cached ones included' }),
    cachedInputTokens: z.int().nullable().meta({ description: 'Null where the provider does not say' }),
    outputTokens: z.int().meta({ description: 'Reasoning included' }),
    reasoningTokens: z.int().nullable().meta({ description: 'Null where the provider does not say' }),
    audioSeconds: z
      .number()
      .nullable()
      .meta({ description: 'What a transcriber was given to hear; null for a call of a model' }),
    costUsd: z.number().nullable().meta({ description: 'Null where no price is known' }),
    savedUsd: z
      .number()
      .nullable()
      .meta({ description: 'Of a reused answer: what it cost the job that asked for it' }),
    outcome: z.enum(callOutcomes).nullable().meta({
      description:
        'Null while the call is under way. lost: nobody was left to tell, or the answer did not get as far as being kept',
    }),
    failureCode: z.string().nullable(),
    estimated: z.boolean().meta({ description: 'Whether the tokens are counted by us' }),
  })
  .meta({ id: 'Call' });
export type Call = z.infer<typeof Call>;
