import { z } from 'zod';

const ModelEstimate = z
  .object({
    model: z.string(),
    usual: z.boolean().meta({ description: 'Asked where a job names none' }),
    costUsd: z
      .number()
      .nullable()
      .meta({ description: 'Of such a job; null where no job has told, or no price is known' }),
    inputMtokUsd: z.number().nullable().meta({ description: 'Of a million tokens; null: not known' }),
    outputMtokUsd: z.number().nullable(),
  })
  .meta({ id: 'ModelEstimate' });

/** What a job of a type would cost, by what the last ones of its owner have used. */
export const JobEstimate = z
  .object({
    jobs: z.int().meta({ description: 'That it is taken from: the last ones of the type, of 30 days' }),
    inputTokens: z.int().nullable().meta({ description: 'Of the median job; null before the first one' }),
    outputTokens: z.int().nullable(),
    models: z.array(ModelEstimate).meta({ description: 'Those a job may name, the usual one first' }),
  })
  .meta({ id: 'JobEstimate' });
export type JobEstimate = z.infer<typeof JobEstimate>;
