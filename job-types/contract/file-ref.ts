import { z } from 'zod';
import { type NamedFile, fileIdForm, namedFiles } from './named-files.js';

/** What a file is named by in inputs, answers and results. By its format, a form offers an upload and a download. */
export const FileRef = z
  .string()
  .regex(fileIdForm, 'is not the id of a file')
  .meta({ format: 'file', description: 'Id of a file, as POST /v1/files answers it' });

/** @returns what finds the files that a value of the schema names, each place once */
export function fileFinder(schema: z.ZodType): (value: unknown) => NamedFile[] {
  const root: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return (value) => namedFiles(root, value);
}
