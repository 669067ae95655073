import { z } from 'zod';

/** The id in the path of every route of one job. */
export const JobId = z.string().meta({ description: 'Id of the job', example: 'job_6f1c...' });

/** How OpenAPI describes `Prefer` of a route that answers a job. */
export const preferHeader = {
  name: 'prefer',
  required: false,
  description: 'wait=n: hold the answer for up to n seconds (60 at most) until the job has ended',
  schema: { type: 'string' },
};
