import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

export interface WorkerProcess {
  readonly pid: number;
  /** SIGTERM: drains. @returns the exit code, or the signal's name */
  stop(): Promise<string>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

const workerPath = fileURLToPath(new URL('../../src/worker.js', import.meta.url));

/** The worker as it runs in production, in a process of its own that ends with this one. */
export async function startWorkerProcess(env: Record<string, string>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [workerPath], {
    env: { PATH: process.env['PATH'] ?? '', ...env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  const errors: string[] = [];
  child.stderr?.on('data', (text: Buffer) => errors.push(text.toString()));
  const ended = once(child, 'exit');
  const ready = once(child, 'message');
  await Promise.race([
    ready,
    ended.then(([code]) => {
      throw new Error(`the worker ended with ${String(code)} before it was ready: ${errors.join('')}`);
    }),
  ]);
  return { pid: child.pid ?? -1, stop: () => end(child, ended, 'SIGTERM'), kill: () => killed(child, ended) };
}

async function end(child: ChildProcess, ended: Promise<unknown[]>, signal: NodeJS.Signals): Promise<string> {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const [code, by] = await ended;
  return String(code ?? by);
}

async function killed(child: ChildProcess, ended: Promise<unknown[]>): Promise<void> {
  await end(child, ended, 'SIGKILL');
}
