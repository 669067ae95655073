import { z } from 'zod';
import { jobTypes } from '../../job-types/index.js';

const Label = z.string().min(1).max(64);

const options = {
  tags: z.array(Label).max(10).default([]).meta({ description: 'To find jobs by' }),
  metadata: z
    .record(Label, z.string().max(500))
    .refine((metadata) => Object.keys(metadata).length <= 16, 'at most 16 entries')
    .default({})
    .meta({ description: "The client's own notes, given back unchanged" }),
};

/** What POST /v1/jobs takes: one shape a job type. */
export const JobRequest = z
  .discriminatedUnion(
    'type',
    Object.values(jobTypes).map((type) =>
      z
        .strictObject({ type: z.literal(type.name), input: type.input, ...options })
        .meta({ id: `${type.name[0]?.toUpperCase()}${type.name.slice(1)}Request` }),
    ) as [z.ZodObject<{ type: z.ZodLiteral<string>; input: z.ZodType } & typeof options>],
  )
  .meta({ id: 'JobRequest' });

export type JobRequest = z.infer<typeof JobRequest>;

export const CancelRequest = z
  .strictObject({
    reason: z.string().trim().min(1).max(500).optional().meta({ description: 'Kept with the job' }),
    mode: z
      .literal('graceful')
      .default('graceful')
      .meta({ description: 'Clean-up runs, what was done is kept' }),
  })
  .meta({ id: 'CancelRequest' });

export type CancelRequest = z.infer<typeof CancelRequest>;
