import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface OwnProcess {
  readonly pid: number;
  /** The lines it has written to standard output so far. */
  log(): string[];
  /** SIGTERM: drains. @returns the exit code, or the signal's name */
  stop(): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/**
 * One of our processes as it runs in production, ready, and ending with this one.
 *
 * @param script compiled, below dist/
 */
export async function startOwnProcess(script: string, env: Record<string, string>): Promise<OwnProcess> {
  const path = fileURLToPath(new URL(`../../${script}`, import.meta.url));
  const { PATH = '', NODE_COMPILE_CACHE = '' } = process.env;
  const child = spawn(process.execPath, [path], {
    env: { PATH, NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const [lines, errors]: [string[], string[]] = [[], []];
  child.stdout?.on('data', (text: Buffer) => lines.push(text.toString()));
  child.stderr?.on('data', (text: Buffer) => errors.push(text.toString()));
  const ended = once(child, 'exit');
  await Promise.race([
    once(child, 'message'),
    ended.then(([code]) => {
      throw new Error(`${script} ended with ${String(code)} before it was ready: ${errors.join('')}`);
    }),
  ]);
  return {
    pid: child.pid ?? -1,
    log: () => lines.join('').split('\n').filter(Boolean),
    stop: () => end(child, ended, 'SIGTERM'),
    kill: async () => void (await end(child, ended, 'SIGKILL')),
  };
}

async function end(child: ChildProcess, ended: Promise<unknown[]>, signal: NodeJS.Signals): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const [code, by] = await ended;
  return String(code ?? by);
}
