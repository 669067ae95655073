import { z } from 'zod';
import { finalStatuses } from './job.js';

export const eventTypes = [
  'job.running',
  'job.waiting',
  ...finalStatuses.map((status) => `job.${status}` as const),
  'job.progress',
  'step.started',
  'step.failed',
  'step.succeeded',
  'output.delta',
  'output.reset',
  'end',
] as const;

/** One entry of a job's durable, numbered event log. */
export const JobEvent = z
  .object({
    seq: z.int().meta({ description: 'From 1, without gaps' }),
    type: z.enum(eventTypes),
    time: z.iso.datetime(),
    step: z.string().nullable(),
    attempt: z.int().nullable(),
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: 'Event' });

export type JobEvent = z.infer<typeof JobEvent>;
export type EventType = JobEvent['type'];
