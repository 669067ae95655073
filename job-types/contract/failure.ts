import { z } from 'zod';

/**
 * The one error object (RFC 9457): the body of a refused request, and what a job, a step and an event carry.
 * `status` is the HTTP status of a refused request; inside a job it is the status the same fault would have had.
 */
export const Failure = z
  .object({
    type: z
      .string()
      .meta({ description: 'Path of the page that explains this code', example: '/problems/no-article' }),
    title: z.string(),
    status: z.int(),
    detail: z.string().meta({ description: 'What happened, whether it is tried again, what to do' }),
    code: z.string(),
    retryable: z.boolean(),
    retryAfter: z.number().optional().meta({ description: 'Seconds' }),
    step: z.string().optional(),
    item: z.string().optional().meta({ description: 'Of a step that is done for several' }),
    attempt: z.int().optional(),
    provider: z.string().optional(),
    job: z
      .string()
      .optional()
      .meta({ description: 'Id of the job this is about, when it is not the one asked for' }),
    errors: z
      .array(
        z.object({
          pointer: z.string().meta({ description: 'RFC 6901, into the request body' }),
          detail: z.string(),
        }),
      )
      .optional(),
  })
  .meta({ id: 'Failure' });

export type Failure = z.infer<typeof Failure>;
