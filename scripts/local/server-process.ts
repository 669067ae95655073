import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, type ProcessIdentity } from './processes.js';

/** `own`: outlives the process that started it. `parent`: dies with it, even with kill -9, where the system can do that. */
export type Lifetime = 'own' | 'parent';

export interface ServerCommand {
  readonly command: readonly [string, ...string[]];
  readonly logFile: string;
  readonly lifetime: Lifetime;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number;
  readonly gid?: number;
  /** Called as soon as the process is there, long before it is ready. */
  readonly onSpawn?: OnSpawn;
  /** A channel that tells the child when its parent has gone. */
  readonly channel?: 'ipc';
}

export type OnSpawn = (identity: ProcessIdentity) => void;

export interface ServerProcess {
  readonly identity: ProcessIdentity;
  readonly child: ChildProcess;
  /** Resolves when it has ended, with how: "exit code 1", "SIGKILL". */
  readonly ended: Promise<string>;
}

/** What a program said, or did not say, when it ended before it was ready. */
export class StartError extends Error {
  override name = 'StartError';
}

/**
 * Starts a server in a process group of its own, so that a Ctrl-C in the terminal does not reach it. Its output is
 * appended to the log.
 */
export async function spawnServer(options: ServerCommand): Promise<ServerProcess> {
  const { logFile, lifetime, env, uid, gid, channel } = options;
  const [program, ...args] = lifetime === 'parent' ? [...tieToParent(), ...options.command] : options.command;
  const log = openLog(logFile);
  try {
    const child = spawn(program ?? '', args, {
      stdio: ['ignore', log, log, ...(channel ? [channel] : [])],
      detached: true,
      ...(env && { env }),
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    const ended = new Promise<string>((resolve) => {
      child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    await once(child, 'spawn');
    // What can fail from here on, a message or a signal to a process that has just ended, `ended` tells better.
    child.on('error', () => undefined);
    const identity = child.pid === undefined ? undefined : identify(child.pid);
    if (!identity) throw new StartError(`${program} ended at once. Its log: ${logFile}\n${tail(logFile)}`);
    options.onSpawn?.(identity);
    return { identity, child, ended };
  } finally {
    closeSync(log);
  }
}

/** The lines of a log that tell why its program failed: the last ones, or the beginning of a panic. */
export function tail(logFile: string): string {
  const lines = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-200);
  const panic = lines.findLastIndex((line) => line.startsWith('panic:'));
  return (panic === -1 ? lines.slice(-15) : lines.slice(panic, panic + 6)).join('\n');
}

/** Opens a log to append to. One that has grown large is set aside first, in place of the one set aside before. */
export function openLog(logFile: string): number {
  mkdirSync(dirname(logFile), { recursive: true });
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > largeLogBytes) renameSync(logFile, `${logFile}.1`);
  return openSync(logFile, 'a');
}

const largeLogBytes = 20_000_000;

let parentTie: string[] | undefined;

function tieToParent(): string[] {
  parentTie ??=
    spawnSync('setpriv', ['--pdeathsig', 'KILL', 'true']).status === 0
      ? ['setpriv', '--pdeathsig', 'KILL']
      : [];
  return parentTie;
}
