import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from './commands.mjs';

const folder = join(root, '.data');
const prefix = 'bootstrap.lock.';

/** One bootstrap of this folder installs and builds at a time. A holder that died is recognised, however young its lock. */
export async function withLock(work) {
  mkdirSync(folder, { recursive: true });
  const mine = join(folder, `${prefix}${process.pid}.${encodeURIComponent(startTime(process.pid))}`);
  let tries = 0;
  while (!claim(mine)) {
    tries += 1;
    // Starts at the very same moment refuse each other a few times; that is no news.
    if (tries === 5)
      console.log('Waiting for another start in this folder to finish installing and building.');
    await pause(50 + Math.random() * 100);
  }
  const release = () => rmSync(mine, { force: true });
  process.once('exit', release);
  try {
    return await work();
  } finally {
    process.off('exit', release);
    release();
  }
}

/**
 * Everyone writes a claim under a name of its own, and holds the lock when no other living process has written one. Of
 * two, at least one sees the other's. A dead one's claim can be removed by anyone: no other will ever bear its name.
 */
function claim(mine) {
  writeFileSync(mine, '');
  for (const name of readdirSync(folder).filter((entry) => entry.startsWith(prefix))) {
    const file = join(folder, name);
    if (file === mine) continue;
    const [pid, started] = name.slice(prefix.length).split('.');
    if (startTime(Number(pid)) === decodeURIComponent(started)) {
      rmSync(mine);
      return false;
    }
    rmSync(file, { force: true });
  }
  return true;
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
