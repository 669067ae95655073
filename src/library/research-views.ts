import { z } from 'zod';
import { Research } from '../../job-types/fields/research.js';
import { pageFields } from '../openapi/numbered-page.js';
import { searchField } from '../openapi/search-field.js';

export const ResearchQuery = z.strictObject({
  search: searchField('Part of a subject or title'),
  ...pageFields,
});
export type ResearchQuery = z.infer<typeof ResearchQuery>;

export const ResearchSummary = z
  .object({
    id: z.string(),
    subject: z.string(),
    version: z.int().meta({ description: 'From 1; each job and each edit adds one' }),
    title: z.string(),
    sources: z.array(z.string()).meta({ description: 'The pages it was made from' }),
    provider: z.string().nullable().meta({
      description: 'What made this version: "rules", or provider/model; null for a person',
    }),
    notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was made' }),
    jobId: z.string().nullable().meta({ description: 'The job that saved it; null for an edit' }),
    writtenBy: z.string().nullable().meta({ description: 'Public id of the API key that edited it' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ResearchSummary' });

export const ResearchDocument = ResearchSummary.extend({
  content: Research,
  latestVersion: z.int(),
}).meta({ id: 'ResearchDocument' });
export type ResearchDocument = z.infer<typeof ResearchDocument>;

export const ResearchList = z
  .object({ items: z.array(ResearchSummary), nextPageToken: z.string().nullable() })
  .meta({ id: 'ResearchList' });
export type ResearchList = z.infer<typeof ResearchList>;

export const ResearchEdit = z.strictObject({ content: Research }).meta({ id: 'ResearchEdit' });
export type ResearchEdit = z.infer<typeof ResearchEdit>;
