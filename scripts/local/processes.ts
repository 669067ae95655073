import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCode } from './error-code.js';

/** A process for ever: a pid is given to others after its end, a pid with its start time is not. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startTime: string;
}

/** The identity of a process that runs now; undefined when there is none, or only a zombie waiting to be reaped. */
export function identify(pid: number): ProcessIdentity | undefined {
  return process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);
}

export function isAlive({ pid, startTime }: ProcessIdentity): boolean {
  return identify(pid)?.startTime === startTime;
}

/** The running processes one of whose arguments contains the text; a way to find what no record names. */
export function findByArgument(text: string): ProcessIdentity[] {
  return commandLines()
    .filter(({ pid, command }) => pid !== process.pid && command.includes(text))
    .flatMap(({ pid }) => identify(pid) ?? []);
}

export interface StopOptions {
  /** SIGTERM by default. */
  readonly signal?: NodeJS.Signals;
  /** How long the process may take before it is killed. */
  readonly limitMs: number;
}

/** Resolves when the process has ended, `killed` when it had to be. */
export async function stop(
  identity: ProcessIdentity,
  { signal = 'SIGTERM', limitMs }: StopOptions,
): Promise<'ended' | 'killed'> {
  send(identity, signal);
  if (await waitForEnd(identity, limitMs)) return 'ended';
  send(identity, 'SIGKILL');
  await waitForEnd(identity, 10_000);
  return 'killed';
}

/** @returns whether it has ended within the limit */
export async function waitForEnd(identity: ProcessIdentity, limitMs: number): Promise<boolean> {
  const deadline = performance.now() + limitMs;
  while (isAlive(identity)) {
    if (performance.now() > deadline) return false;
    await pause(10);
  }
  return true;
}

/** Resolves when a process that is not our child has ended. */
export async function endOf(identity: ProcessIdentity): Promise<string> {
  while (isAlive(identity)) await pause(250);
  return 'gone';
}

/** Sends nothing when the pid belongs to another process by now. */
export function send(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function identifyByProc(pid: number): ProcessIdentity | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // The command's name stands in parentheses and may itself contain spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, ticks] = [fields[0], fields[19]];
  if (state === undefined || ticks === undefined || 'ZX'.includes(state)) return undefined;
  // The start time counts from boot, so that it alone could repeat after a restart of the machine.
  boot ??= (readIfThere('/proc/sys/kernel/random/boot_id') ?? '').slice(0, 8);
  return { pid, startTime: `${boot}:${ticks}` };
}

let boot: string | undefined;

function identifyByPs(pid: number): ProcessIdentity | undefined {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    const [state = '', ...startTime] = line.split(/\s+/);
    return state === '' || state.startsWith('Z') ? undefined : { pid, startTime: startTime.join(' ') };
  } catch {
    // ps exits with 1 when there is no such process.
    return undefined;
  }
}

function commandLines(): { pid: number; command: string }[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => ({
        pid: Number(name),
        command: (readIfThere(`/proc/${name}/cmdline`) ?? '').replaceAll('\0', ' '),
      }));
  }
  const lines = execFileSync('ps', ['-axww', '-o', 'pid=,command='], { encoding: 'utf8' }).split('\n');
  return lines.map((line) => {
    const [, pid = '0', command = ''] = /^\s*(\d+)\s+(.*)$/.exec(line) ?? [];
    return { pid: Number(pid), command };
  });
}

/** A process can end between being listed and being read (ENOENT, ESRCH); nothing else makes /proc unreadable. */
function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
