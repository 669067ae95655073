import { z } from 'zod';
import { ApplicationId } from '../../job-types/fields/application.js';
import { DocumentKind } from '../../job-types/fields/document.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { formatNames } from './files/formats.js';
import { pageFields } from '../openapi/numbered-page.js';
import { VersionQuery } from './versions.js';

export const DocumentsQuery = z.strictObject({
  applicationId: ApplicationId.optional(),
  kind: DocumentKind.optional(),
  ...pageFields,
});
export type DocumentsQuery = z.infer<typeof DocumentsQuery>;

export const FileQuery = VersionQuery.extend({
  format: z.enum(formatNames).default('markdown'),
});
export type FileQuery = z.infer<typeof FileQuery>;

/** As PostgreSQL counts them. */
export const DocumentId = z.string().regex(/^[1-9][0-9]{0,17}$/, 'not an id that a document has');

export const DocumentSummary = z
  .object({
    id: z.string(),
    applicationId: z.string(),
    kind: DocumentKind,
    version: z.int().meta({ description: 'From 1; each job and each edit adds one' }),
    title: z.string(),
    provider: z.string().nullable().meta({
      description:
        'What wrote this version: "rules" for a plain template, or provider/model; null for a person',
    }),
    notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was written' }),
    jobId: z.string().nullable().meta({ description: 'The job that saved it; null for an edit' }),
    writtenBy: z.string().nullable().meta({ description: 'Public id of the API key that edited it' }),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'DocumentSummary' });

export const Document = DocumentSummary.extend({
  markdown: z.string(),
  latestVersion: z.int(),
}).meta({ id: 'Document' });
export type Document = z.infer<typeof Document>;

export const DocumentList = z
  .object({ items: z.array(DocumentSummary), nextPageToken: z.string().nullable() })
  .meta({ id: 'DocumentList' });
export type DocumentList = z.infer<typeof DocumentList>;

/** Characters; the body of a request has an end by itself. */
const longestEdit = 4_000_000;

export const DocumentEdit = z
  .strictObject({
    markdown: StorableText.max(longestEdit),
    title: StorableText.trim().min(1).max(200).optional().meta({ description: 'Unchanged when left out' }),
  })
  .meta({ id: 'DocumentEdit' });
export type DocumentEdit = z.infer<typeof DocumentEdit>;
