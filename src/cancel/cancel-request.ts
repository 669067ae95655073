import { z } from 'zod';
import { StorableText } from '../../job-types/fields/storable-text.js';

export const CancelRequest = z
  .strictObject({
    reason: StorableText.trim().min(1).max(500).optional().meta({ description: 'Kept with the job' }),
    mode: z.enum(['graceful', 'force']).default('graceful').meta({
      description: 'graceful: clean-up runs, what was done is kept; force: ended at once, without clean-up',
    }),
    gracePeriod: z.number().min(0).max(3600).default(30).meta({
      description: 'Seconds after which a graceful cancel that the job does not follow becomes force',
    }),
  })
  .meta({ id: 'CancelRequest' });

export type CancelRequest = z.infer<typeof CancelRequest>;
