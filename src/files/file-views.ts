import { z } from 'zod';
import { FileRef } from '../../job-types/contract/file-ref.js';
import { StorableText } from '../../job-types/fields/storable-text.js';
import { pageFields } from '../openapi/numbered-page.js';
import { searchField } from '../openapi/search-field.js';

export const StoredFile = z
  .object({
    id: FileRef,
    name: z.string().meta({ description: 'For people; it is never a path' }),
    mediaType: z.string().meta({ description: 'By its content, where that tells' }),
    size: z.int().meta({ description: 'Bytes' }),
    sha256: z.string().meta({ description: 'Hexadecimal' }),
    createdAt: z.iso.datetime(),
    expiresAt: z.iso
      .datetime()
      .nullable()
      .meta({ description: 'When it goes unless a job is given it; null for a file of a job' }),
  })
  .meta({ id: 'StoredFile' });
export type StoredFile = z.infer<typeof StoredFile>;

export const StoredFileList = z
  .object({ items: z.array(StoredFile), nextPageToken: z.string().nullable() })
  .meta({ id: 'StoredFileList' });
export type StoredFileList = z.infer<typeof StoredFileList>;

export const FilesQuery = z.strictObject({ search: searchField('Part of a name'), ...pageFields });
export type FilesQuery = z.infer<typeof FilesQuery>;

export const UploadQuery = z.strictObject({
  name: StorableText.max(1000).optional().meta({
    description: 'What the file is called, where the body is the file itself; a form says it by itself',
  }),
});
export type UploadQuery = z.infer<typeof UploadQuery>;
