import type { JsonSchema } from '../form/json-schema.js';

/** What can be wished of any job, whatever its type. */
export interface Wish {
  budget?: { maxCostUsd?: number; maxTokens?: number; onExceed?: string };
  tags?: string[];
  timeout?: number;
  delay?: number;
}

export const budgetSchema: JsonSchema = {
  type: 'object',
  properties: {
    budget: {
      type: 'object',
      title: 'Budget',
      description: 'What its calls of models may use',
      properties: {
        maxCostUsd: { type: 'number', title: 'US dollars' },
        maxTokens: { type: 'integer', title: 'Tokens', description: 'Input and output together' },
        onExceed: {
          title: 'At the end of it',
          description: 'Wait for a person who allows more, or fail',
          enum: ['wait', 'fail'],
        },
      },
    },
  },
};

export const othersSchema: JsonSchema = {
  type: 'object',
  properties: {
    tags: { type: 'array', items: { type: 'string' }, title: 'Tags', description: 'To find it by' },
    timeout: { type: 'number', title: 'Time-out', description: 'Seconds from its start' },
    delay: { type: 'number', title: 'Delay', description: 'Seconds until its start' },
  },
};

/** An empty budget is none. */
export function withWishes(request: object, { budget, ...others }: Wish): object {
  const said = budget !== undefined && Object.keys(budget).length > 0;
  return { ...request, ...others, ...(said && { budget }) };
}
