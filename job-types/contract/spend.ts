import { z } from 'zod';

/** What one job has cost in a span of time. */
export const JobSpend = z
  .object({
    jobId: z.string(),
    type: z.string(),
    subject: z.string().nullable().meta({ description: 'A few words that tell it from others of its type' }),
    calls: z.int(),
    costUsd: z.number().meta({ description: 'Of the calls whose price is known' }),
    wastedUsd: z.number().meta({ description: 'Of that, what was paid for and not used' }),
    savedUsd: z.number().meta({ description: 'What answers that were used again cost before' }),
    unpricedCalls: z.int().meta({ description: 'Calls whose price is not known' }),
    lastCallAt: z.iso.datetime(),
  })
  .meta({ id: 'JobSpend' });
export type JobSpend = z.infer<typeof JobSpend>;

export const DearestJobs = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    items: z.array(JobSpend).meta({ description: 'The dearest first; jobs that cost nothing are left out' }),
  })
  .meta({ id: 'DearestJobs' });
export type DearestJobs = z.infer<typeof DearestJobs>;

/** What an owner may spend in a day or a month, and what is left of it. */
export const OwnerBudget = z
  .object({
    span: z.enum(['day', 'month']).meta({ description: 'Of UTC' }),
    limitUsd: z.number().nullable().meta({ description: 'Null: the operator has set none' }),
    spentUsd: z.number(),
    heldUsd: z.number().meta({ description: 'Set aside for calls under way' }),
    leftUsd: z.number().nullable().meta({ description: 'Null without a limit' }),
    renewsAt: z.iso.datetime(),
  })
  .meta({ id: 'OwnerBudget' });
export type OwnerBudget = z.infer<typeof OwnerBudget>;

export const OwnerBudgets = z.object({ items: z.array(OwnerBudget) }).meta({ id: 'OwnerBudgets' });
export type OwnerBudgets = z.infer<typeof OwnerBudgets>;
