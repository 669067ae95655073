import { z } from 'zod';
import { finalStatuses, openStatuses } from './job.js';

export const eventTypes = [
  ...openStatuses.map((status) => `job.${status}` as const),
  ...finalStatuses.map((status) => `job.${status}` as const),
  'job.progress',
  'step.started',
  'step.failed',
  'step.succeeded',
  'output.delta',
  'output.reasoning',
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
    item: z.string().nullable().meta({ description: 'Of a step that is done for several' }),
    attempt: z.int().nullable(),
    data: z.record(z.string(), z.json()),
  })
  .meta({ id: 'Event' });

export type JobEvent = z.infer<typeof JobEvent>;
export type EventType = JobEvent['type'];

/** One entry of an owner's feed: a word about the state of one of the owner's jobs. */
export const OwnerEvent = z
  .object({
    seq: z.int().meta({ description: 'In the feed: from 1, without gaps' }),
    job: z.string().meta({ description: 'Id of the job' }),
    jobType: z.string(),
    subject: z.string().nullable().meta({ description: 'A few words that tell the job from others' }),
    event: JobEvent,
  })
  .meta({ id: 'OwnerEvent' });

export type OwnerEvent = z.infer<typeof OwnerEvent>;
