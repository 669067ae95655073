import type { OperationName } from '../../job-types/fields/workbook/operations.js';

/** A file on the disk, in a folder that is the step's own. */
export interface TableFile {
  path: string;
  /** What people call it. Its ending says nothing that is believed. */
  name: string;
}

/** What running one operation needs. */
export interface OperationContext {
  input: TableFile;
  /** The other file, for the operations that bind. */
  bindFile?: TableFile | undefined;
  /** Where the output goes: a folder that is there, and is the caller's to remove. */
  folder: string;
  signal: AbortSignal;
  /** Told between 0 and 1, some times a second at most. */
  progress?: (done: number) => void;
}

/** What became of it. */
export interface OperationOutcome {
  operation: OperationName;
  /** In the folder. */
  file: TableFile & { mediaType: string };
  /** Whether the next step takes this file; otherwise it takes what this one took. */
  isNext: boolean;
  /** Rows in the output. */
  rows: number;
  /** Sentences for people, such as how many cells changed. */
  notes: string[];
}
