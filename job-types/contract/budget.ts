import { z } from 'zod';

/** What a job may spend on models. The frame keeps it, whatever the job's type. */
export const Budget = z
  .strictObject({
    maxCostUsd: z.number().min(0).max(1_000_000).optional().meta({
      description: 'US dollars that its calls of models may cost, failed attempts included',
    }),
    maxTokens: z.int().min(1).max(1_000_000_000).optional().meta({
      description: 'Tokens that its calls of models may use, input and output together',
    }),
    onExceed: z.enum(['wait', 'fail']).default('wait').meta({
      description: 'At the end of it: wait for a person who allows more, or fail',
    }),
  })
  .meta({ id: 'Budget', description: "What the job's calls of models may use" });
export type Budget = z.infer<typeof Budget>;

const End = z
  .strictObject({ end: z.literal(true) })
  .meta({ description: 'No more is spent: what there is is kept, and the job ends' });

/** What a person may say to a job whose own budget is used up. */
const Allowance = z.union([
  z
    .strictObject({
      allow: z
        .strictObject({
          costUsd: z.number().positive().max(1_000_000).optional(),
          tokens: z.int().min(1).max(1_000_000_000).optional(),
        })
        .refine((more) => more.costUsd !== undefined || more.tokens !== undefined, 'give costUsd or tokens')
        .meta({ description: 'So much more, of dollars, of tokens or of both' }),
    })
    .meta({ description: 'The step that was held up goes on' }),
  End,
]);
export type Allowance = z.infer<typeof Allowance>;

/** To a job of an owner whose day or month is used up. What an owner may spend is the operator's to say. */
const OwnerAnswer = z.union([
  z.strictObject({ goOn: z.literal(true) }).meta({ description: 'Look again whether there is room now' }),
  End,
]);
export type OwnerAnswer = z.infer<typeof OwnerAnswer>;

/** What the frame asks in any job, by the name of the wait. */
export const frameAnswers = { budget: Allowance, ownerBudget: OwnerAnswer };

/** A budget as it stands: what a person has allowed since is part of it. */
export interface PresentBudget extends Budget {
  /** A person has ended the spending. */
  ended?: true;
  /** Nobody has answered in time, and nobody is asked again. */
  unanswered?: true;
}

/** Which limit a call came up against: a field of the job's budget, or a variable of the operator's. */
export type BudgetLimit = 'maxCostUsd' | 'maxTokens' | 'OWNER_BUDGET_USD_DAY' | 'OWNER_BUDGET_USD_MONTH';

/** How a limit was reached. Dollars, or tokens for `maxTokens`. */
export interface Exceeded {
  limit: BudgetLimit;
  cap: number;
  spent: number;
  /** What the call would take at its longest. */
  wanted: number;
  /** When an owner's day or month is over; null for a job's own budget. */
  renewsAt: string | null;
}

/** What the activity of a step returns whose call waits for what others leave of a budget. It is to be asked again at once. */
export interface HeldAtBudget {
  heldAtBudget: true;
}

/** What the activity of a step returns that the budget did not let through, or cut. */
export interface OverBudget {
  overBudget: Exceeded;
  attempt: number;
  /** What the model had said until it was cut; null when it was not asked. */
  text: string | null;
  /** What the step returns if that is all it gets; null when nothing can be made of it. */
  value: unknown;
}
