import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode } from './error-code.js';
import { identify, isAlive, type ProcessIdentity } from './processes.js';

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
  /** Since when, in ms since the epoch, where that takes long. */
  noteSince: z.number().optional(),
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
 * Makes this process the one stack of the data folder. The parts a dead one recorded are carried over.
 *
 * @returns undefined when another process has it, or wants it at the same moment. Then none of them may get it.
 * Whoever still wants it tries again after a moment of random length.
 */
export function takeRecord(dataDir: string): StackRecord | undefined {
  const holder = identify(process.pid);
  if (!holder) throw new Error('This process does not find itself among the running ones.');
  mkdirSync(dataDir, { recursive: true });
  if (!claim(dataDir, holder)) return undefined;
  const record: StackRecord = {
    holder,
    phase: 'starting',
    note: 'starting',
    parts: readRecord(dataDir)?.parts ?? {},
  };
  writeRecord(dataDir, record);
  return record;
}

/** Only the holder writes. */
export function writeRecord(dataDir: string, record: StackRecord): void {
  const path = recordPath(dataDir);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(record, null, 2));
  renameSync(draft, path);
}

/** Gives the data folder to whoever wants it next. */
export function removeRecord(dataDir: string): void {
  rmSync(recordPath(dataDir), { force: true });
  for (const { file, holder } of claims(dataDir)) {
    if (holder.pid === process.pid || !isAlive(holder)) rmSync(file, { force: true });
  }
}

/**
 * Everyone who wants the folder writes a claim under a name of its own, and has it when no other living process has
 * written one. Of two, at least one sees the other's. Anyone can remove the claim of a dead process at any time,
 * since no other will ever bear its name. Such locks fail where something is taken over from the dead. Here nothing
 * is.
 */
function claim(dataDir: string, holder: ProcessIdentity): boolean {
  const mine = join(dataDir, `${claimPrefix}${holder.pid}.${encodeURIComponent(holder.startTime)}`);
  try {
    writeFileSync(mine, '', { flag: 'wx' });
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
  const others = claims(dataDir).filter(({ file }) => file !== mine);
  for (const { file, holder: other } of others) {
    if (isAlive(other)) {
      rmSync(mine);
      return false;
    }
    rmSync(file, { force: true });
  }
  return true;
}

const claimPrefix = 'stack.lock.';

function claims(dataDir: string): { file: string; holder: ProcessIdentity }[] {
  if (!existsSync(dataDir)) return [];
  const names = readdirSync(dataDir).filter((name) => name.startsWith(claimPrefix));
  return names.map((name) => {
    const [pid = '', startTime = ''] = name.slice(claimPrefix.length).split('.');
    return {
      file: join(dataDir, name),
      holder: { pid: Number(pid), startTime: decodeURIComponent(startTime) },
    };
  });
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
