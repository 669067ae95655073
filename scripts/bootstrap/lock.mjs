import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './commands.mjs';

const folder = join(root, '.data');
const path = join(folder, 'bootstrap.lock');

/** One bootstrap of this folder installs and builds at a time. A holder that died is recognised, however young its lock. */
export async function withLock(work) {
  mkdirSync(folder, { recursive: true });
  let announced = false;
  while (!take()) {
    if (!announced)
      console.log('Waiting for another start in this folder to finish installing and building.');
    announced = true;
    await pause(100);
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

function take() {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, startTime: startTime(process.pid) }));
  try {
    // Unlike an exclusive open, a link appears with its content: nobody reads half a lock.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    removeDead();
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function removeDead() {
  const seen = read(path);
  if (seen === undefined || isHeld(seen)) return;
  const aside = `${path}.${process.pid}.dead`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  // Between looking and renaming another may have taken the dead one's place: give that back.
  if (read(aside) !== seen) linkSync(aside, path);
  rmSync(aside, { force: true });
}

function isHeld(text) {
  const holder = parse(text);
  return holder !== undefined && startTime(holder.pid) === holder.startTime;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    // Locks appear whole, so this is none of ours.
    return undefined;
  }
}

/** A pid is given to others after its process has ended, a pid with its start time is not. Undefined: no such process. */
function startTime(pid) {
  if (process.platform === 'linux') {
    const stat = read(`/proc/${pid}/stat`);
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields === undefined || 'ZX'.includes(fields[0]) ? undefined : fields[19];
  }
  try {
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    // ps exits with 1 when there is no such process.
    return undefined;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
