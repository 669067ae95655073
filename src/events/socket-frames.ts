import { z } from 'zod';
import { toValidationProblem } from '../problems/validation.js';
import { Problem } from '../problems/problems.js';

const jobId = z.string().min(1).max(200);

/** What a client says on the socket. */
const ClientFrame = z
  .strictObject({
    subscribe: z
      .array(z.strictObject({ job: jobId, after: z.int().min(0).default(0) }))
      .max(100)
      .default([]),
    unsubscribe: z.array(jobId).max(100).default([]),
    /** Follow the feed of the owner, without `after` from now on; null: follow it no more. */
    feed: z
      .strictObject({ after: z.int().min(0).optional() })
      .nullable()
      .optional(),
  })
  .refine(
    ({ subscribe, unsubscribe, feed }) => subscribe.length + unsubscribe.length > 0 || feed !== undefined,
    {
      message:
        'write {"subscribe": [{"job": "...", "after": 0}]}, {"unsubscribe": ["..."]}, {"feed": {"after": 0}} or {"feed": null}',
    },
  );
export type ClientFrame = z.infer<typeof ClientFrame>;

/** @throws {Problem} malformed-json or validation-failed */
export function parseFrame(data: Buffer, isBinary: boolean): ClientFrame {
  const parsed = ClientFrame.safeParse(toJson(data, isBinary));
  if (parsed.success) return parsed.data;
  throw toValidationProblem(parsed.error.issues);
}

function toJson(data: Buffer, isBinary: boolean): unknown {
  if (isBinary) throw new Problem('malformed-json', 'The frame is binary.');
  try {
    return JSON.parse(data.toString());
  } catch (error) {
    throw new Problem('malformed-json', 'The frame is not JSON.', { cause: error });
  }
}
