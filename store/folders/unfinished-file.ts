import { createHash, randomUUID } from 'node:crypto';
import { lstat, open, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { codeOf } from './refusals.js';

export interface Unfinished {
  text: string;
  /** What writes it, and writes one at a time, however often it is tried: its next attempt removes what a killed one has left. */
  writer: string;
}

/** No write takes that long: what is older was left by a process that was killed, and has no next attempt. */
const oldestMs = 3_600_000;
const isUnfinished = /^\.longhaul-[0-9a-f]{16}-[0-9a-f\-]{36}\.part$/v;

/**
 * Writes a whole file under a name of its own, for `finish` to give it the one that it shall have.
 * If another attempt is still at it, that one fails: its file is removed.
 */
export async function withUnfinished<T>(
  folder: string,
  { text, writer }: Unfinished,
  finish: (unfinished: string) => Promise<T>,
): Promise<T> {
  const mark = `.longhaul-${createHash('sha256').update(writer).digest('hex').slice(0, 16)}-`;
  await removeLeft(folder, mark);
  const unfinished = path.join(folder, `${mark}${randomUUID()}.part`);
  try {
    const handle = await open(unfinished, 'wx');
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    return await finish(unfinished);
  } finally {
    await rm(unfinished, { force: true });
  }
}

async function removeLeft(folder: string, mark: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (!isUnfinished.test(name)) continue;
    const left = path.join(folder, name);
    if (name.startsWith(mark)) await rm(left, { force: true });
    else if (await isOld(left)) await rm(left, { force: true }).catch(unlessForbidden);
  }
}

/** What others have left may belong to another user of the machine. */
function unlessForbidden(error: unknown): void {
  if (!['EACCES', 'EPERM'].includes(codeOf(error))) throw error;
}

async function isOld(file: string): Promise<boolean> {
  try {
    const found = await lstat(file);
    return found.isFile() && Date.now() - found.mtimeMs > oldestMs;
  } catch (error) {
    // Its writer has ended since.
    if (codeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
