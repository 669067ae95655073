import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Resident memory of a process, in MB of a million bytes. */
export function residentMb(pid: number): number {
  if (process.platform === 'linux') {
    const kb = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return (Number(kb ?? Number.NaN) * 1_024) / 1_000_000;
  }
  const kb = execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
  return (Number(kb) * 1_024) / 1_000_000;
}

/** The clock tick in which Linux counts a process's time, in ms; fixed for programs at 100 a second. */
const tickMs = 10;

/**
 * CPU time a process has used so far, in ms; null where the system does not tell it cheaply. It moves much less than
 * elapsed time on a busy machine.
 */
export function cpuMs(pid: number): number | null {
  if (process.platform !== 'linux') return null;
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The command's name stands in parentheses and may contain spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}
