import { z } from 'zod';
import type { GenerateCvResult } from '../../../job-types/generate-cv.js';
import type { Job, JobStatus } from '../../../job-types/contract/job.js';
import { whyFailed } from '../own-job.js';

export const StartedTask = z.object({ task_id: z.string(), message: z.string() }).meta({ id: 'StartedTask' });
export type StartedTask = z.infer<typeof StartedTask>;

export const GenerationStatus = z
  .object({
    status: z.enum(['pending', 'processing', 'completed', 'failed']),
    content: z.string().nullable().meta({ description: 'The Markdown, once it is completed' }),
    error: z.string().nullable().meta({ description: 'Why it failed, in a sentence' }),
  })
  .meta({ id: 'GenerationStatus' });
export type GenerationStatus = z.infer<typeof GenerationStatus>;

/** What that system calls the states of a job. */
export const taskStatuses: Readonly<Record<JobStatus, GenerationStatus['status']>> = {
  scheduled: 'pending',
  queued: 'pending',
  running: 'processing',
  waiting: 'processing',
  cancelling: 'processing',
  succeeded: 'completed',
  failed: 'failed',
  cancelled: 'failed',
  terminated: 'failed',
  timed_out: 'failed',
};

export function toGenerationStatus(job: Job): GenerationStatus {
  const status = taskStatuses[job.status];
  return {
    status,
    content: status === 'completed' ? (job.result as GenerateCvResult).markdown : null,
    error: status === 'failed' ? whyFailed(job) : null,
  };
}
