import { stat } from 'node:fs/promises';
import { openCsv } from './csv-reading.js';
import { fewAtOnce } from './few-at-once.js';
import { kindOf } from './file-kind.js';
import { openJson } from './json-reading.js';
import type { TableFile } from './operation.js';
import type { Table } from './table.js';
import { openXlsx } from './xlsx/reading.js';

export interface Reading {
  signal: AbortSignal;
  /** Told of each piece of the file that was read, in bytes. */
  read?: (bytes: number) => void;
}

const openers = { csv: openCsv, json: openJson, xlsx: openXlsx };

/**
 * Opens a file, whatever kind it is of, and reads as much as it takes to know its columns.
 * @param progress told how much of the rows is read, from 0 to 1
 * @throws {StepFailure} what is wrong with the file
 */
export async function openTable(
  file: TableFile,
  { signal, progress }: { signal: AbortSignal; progress?: ((done: number) => void) | undefined },
): Promise<Table> {
  const kind = await kindOf(file);
  const read = await fractionOf(file, progress);
  return openers[kind](file, { signal, read });
}

/** What is told of bytes that were read, as how much of the file they are. Over several readings it stays at 1. */
export async function fractionOf(
  { path }: TableFile,
  progress: ((done: number) => void) | undefined,
): Promise<(bytes: number) => void> {
  const { size } = await stat(path);
  let done = 0;
  return (bytes) => {
    done += bytes;
    progress?.(Math.min(1, done / Math.max(1, size)));
  };
}

/** The columns of a file, for a plan to be made of or checked against. */
export async function columnsOf(file: TableFile, signal: AbortSignal): Promise<string[]> {
  const { columns } = await fewAtOnce(signal, () => openTable(file, { signal }));
  return columns;
}
