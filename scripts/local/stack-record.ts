import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from './error-code.js';
import { identify, isAlive } from './processes.js';

const identitySchema = z.object({ pid: z.number().int().positive(), startTime: z.string() });

const partSchema = identitySchema.extend({
  /** What must be the same for a server to be adopted by the next start. */
  fingerprint: z.string(),
  ports: z.array(z.number()),
});

const recordSchema = z.object({
  holder: identitySchema,
  phase: z.enum(['starting', 'ready', 'stopping']),
  /** What it is doing now, for whoever waits. */
  note: z.string(),
  addresses: z.object({ api: z.string(), ui: z.string().nullable(), logs: z.string() }).optional(),
  parts: z.partialRecord(z.enum(['postgres', 'temporal', 'api', 'worker']), partSchema),
});

export type StackRecord = z.infer<typeof recordSchema>;
export type PartName = keyof StackRecord['parts'];

export function recordPath(dataDir: string): string {
  return join(dataDir, 'stack.json');
}

/** What the last stack wrote down; undefined when there is none, or nothing that can be read as one. */
export function readRecord(dataDir: string): StackRecord | undefined {
  return parseRecord(readText(recordPath(dataDir)));
}

/** The record of a stack that runs. */
export function runningRecord(dataDir: string): StackRecord | undefined {
  const record = readRecord(dataDir);
  return record && isAlive(record.holder) ? record : undefined;
}

/**
 * Makes this process the one stack of the data folder. The record is the lock: it is created only where none is, and
 * one is set aside only when the process it names is gone. The parts of that one are carried over.
 *
 * @returns undefined when another process holds it
 */
export function takeRecord(dataDir: string): StackRecord | undefined {
  const path = recordPath(dataDir);
  const holder = identify(process.pid);
  if (!holder) throw new Error('This process does not find itself among the running ones.');
  mkdirSync(dataDir, { recursive: true });
  let parts: StackRecord['parts'] = {};
  for (;;) {
    const mine: StackRecord = { holder, phase: 'starting', note: 'starting', parts };
    if (createRecord(path, mine)) return mine;
    const seen = readText(path);
    const found = parseRecord(seen);
    if (found && isAlive(found.holder)) return undefined;
    parts = found?.parts ?? parts;
    setAside(path, seen);
  }
}

/** Only the holder writes. */
export function writeRecord(dataDir: string, record: StackRecord): void {
  const path = recordPath(dataDir);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record, null, 2));
  renameSync(draft, path);
}

export function removeRecord(dataDir: string): void {
  rmSync(recordPath(dataDir), { force: true });
}

function createRecord(path: string, record: StackRecord): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record, null, 2));
  try {
    // Unlike an exclusive open, a link appears with its content: no reader sees half a record.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Two starts may both see the dead record; the second must not remove what the first has put in its place. */
function setAside(path: string, seen: string | undefined): void {
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== seen) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function parseRecord(text: string | undefined): StackRecord | undefined {
  if (text === undefined) return undefined;
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: left by a full disk or an editor. Nobody holds it, since records appear whole.
    return undefined;
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
