import { z } from 'zod';
import { Failure } from './failure.js';
import { StepStatus } from './job.js';

/** One of the things a step of a job is done for. */
export const JobItem = z
  .object({
    step: z.string(),
    item: z.string().meta({ description: 'Its key, unique in the step' }),
    status: StepStatus,
    attempt: z.int().nullable().meta({ description: 'The running or last attempt, from 1' }),
    startedAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    failure: Failure.nullable().meta({ description: 'The last one, whether or not it is tried again' }),
    reused: z.boolean().meta({ description: 'Taken from the job this one retries, not done or paid again' }),
  })
  .meta({ id: 'JobItem' });
export type JobItem = z.infer<typeof JobItem>;
