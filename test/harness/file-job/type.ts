import { z } from 'zod';
import { FileRef } from '../../../job-types/contract/file-ref.js';
import { defineJobType } from '../../../job-types/contract/job-type.js';

/** Is given files. No job type of ours is yet. */
export const readFiles = defineJobType({
  name: 'readFiles',
  title: 'Read files',
  description: 'For the tests of files.',
  input: z.strictObject({
    files: z.array(FileRef).max(10),
    notes: z.record(z.string(), z.union([FileRef, z.string()])).default({}),
  }),
  result: z.object({ made: FileRef.nullable() }),
  steps: [{ name: 'read', title: 'Read them' }],
  answers: { more: z.strictObject({ file: FileRef }) },
  subject: ({ files }) => `${files.length} files`,
  example: { files: [] },
});
