import { z } from 'zod';
import { Budget } from '../../job-types/contract/budget.js';
import type { JobType } from '../../job-types/contract/job-type.js';
import { jobTypes } from '../../job-types/index.js';
import { StorableText } from '../../job-types/fields/storable-text.js';

const Label = z.string().min(1).max(64);

/** What is left out is lost on the way to one of the databases that visibility runs on: the tag is then not found again. */
export const Tag = Label.regex(
  /^[^'"\\\p{Cc}]([^"\\\p{Cc}]*[^'"\\\p{Cc}])?$/u,
  `cannot contain ", \\ or control characters, nor begin or end with '`,
).refine((tag) => tag.isWellFormed(), 'holds half a surrogate pair');

/** Seconds in 30 days: the namespace forgets a run 30 days after its end. */
const month = 30 * 24 * 60 * 60;

const options = {
  tags: z.array(Tag).max(10).default([]).meta({ description: 'To find jobs by' }),
  metadata: z
    .record(Label, z.string().max(500))
    .refine((metadata) => Object.keys(metadata).length <= 16, 'at most 16 entries')
    .default({})
    .meta({ description: "The client's own notes, given back unchanged" }),
  priority: z.int().min(1).max(5).optional().meta({ description: '1 is served first, 3 is usual' }),
  startAt: z.iso.datetime({ offset: true }).optional().meta({ description: 'Not before this time' }),
  delay: z.number().min(0).max(month).optional().meta({ description: 'Seconds until the start' }),
  timeout: z
    .number()
    .min(1)
    .max(month)
    .optional()
    .meta({ description: 'Seconds from the start; the job is then stopped in order and ends timed_out' }),
  budget: Budget.optional(),
  concurrencyKey: StorableText.min(1)
    .max(200)
    .optional()
    .meta({ description: 'One job at a time of this type runs under the same key' }),
  onConflict: z
    .enum(['reject', 'returnExisting', 'queue'])
    .optional()
    .meta({ description: 'What to do when the key is taken; "queue" unless said otherwise' }),
  validateOnly: z.boolean().default(false).meta({ description: 'Check the request and start nothing' }),
};

const optionsSchema = z.object(options);
export type JobOptions = z.infer<typeof optionsSchema>;

/** What one field cannot tell by itself. */
const checkTogether = (type: JobType) => (context: z.core.ParsePayload<JobOptions>) => {
  const { startAt, delay, concurrencyKey, onConflict } = context.value;
  const complain = (field: keyof JobOptions, message: string) =>
    context.issues.push({ code: 'custom', path: [field], message, input: context.value[field] });
  const delayed = startAt !== undefined || delay !== undefined;
  if (startAt !== undefined && delay !== undefined) complain('delay', 'give startAt or delay, not both');
  if (startAt !== undefined && Date.parse(startAt) - Date.now() > month * 1000) {
    complain('startAt', 'at most 30 days ahead');
  }
  if (onConflict !== undefined && concurrencyKey === undefined && !type.concurrencyKey) {
    complain('onConflict', 'needs a concurrencyKey');
  }
  if (delayed && onConflict !== undefined && onConflict !== 'queue') {
    complain(
      'onConflict',
      'a job that starts later takes its place when it is due, so only "queue" can be kept',
    );
  }
};

/** What POST /v1/jobs takes: one shape a job type. */
export const JobRequest = z
  .discriminatedUnion(
    'type',
    Object.values<JobType>(jobTypes).map((type) =>
      z
        .strictObject({ type: z.literal(type.name), input: type.input, ...options })
        .check(checkTogether(type))
        .meta({ id: `${type.name[0]?.toUpperCase()}${type.name.slice(1)}Request` }),
    ) as [z.ZodObject<{ type: z.ZodLiteral<string>; input: z.ZodType } & typeof options>],
  )
  .meta({ id: 'JobRequest' });

export type JobRequest = z.infer<typeof JobRequest>;

/** What `validateOnly` answers: the request as it would have been started. */
export const CheckedRequest = z
  .object({ valid: z.literal(true), type: z.string(), input: z.json() })
  .meta({ id: 'CheckedRequest' });
export type CheckedRequest = z.infer<typeof CheckedRequest>;
