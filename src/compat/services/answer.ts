import { z } from 'zod';
import type { ServiceResult } from '../../../job-types/contract/service.js';

const Said = z.object({ title: z.string(), value: z.string() });

/** Two fields, which older clients read beside "root". */
export const Told = Said.extend({ root: Said }).meta({ id: 'ServiceTold' });
export type Told = z.infer<typeof Told>;

export const BatchText = z
  .object({
    root: z.object({
      output_type: z.literal('batchtext'),
      texts: z.array(z.object({ title: z.string(), value: z.string(), subtitle: z.string().nullable() })),
    }),
  })
  .meta({ id: 'ServiceTexts' });
export type BatchText = z.infer<typeof BatchText>;

/** What a run is polled for. Clients tell one from another by the title alone. */
export const Polled = z.union([Told, BatchText]);
export type Polled = z.infer<typeof Polled>;

export const Refused = z.object({ detail: z.string(), root: Said }).meta({ id: 'ServiceRefused' });
export type Refused = z.infer<typeof Refused>;

export const told = (title: 'task_id' | 'status' | 'error', value: string): Told => ({
  root: { title, value },
  title,
  value,
});

export const batchText = ({ texts }: ServiceResult): BatchText => ({
  root: {
    output_type: 'batchtext',
    texts: texts.map(({ title, value, subtitle }) => ({ title, value, subtitle })),
  },
});

export const refused = (sentence: string): Refused => ({
  detail: sentence,
  root: { title: 'error', value: sentence },
});
