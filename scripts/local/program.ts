import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { type ProcessIdentity, stop } from './processes.js';
import { projectRoot } from './project.js';
import { listenForRefusal } from './refusal.js';
import { type OnSpawn, spawnServer, StartError, tail } from './server-process.js';

export interface ProgramOptions {
  /** As messages name it: "The API". */
  readonly label: string;
  /** Compiled script, from the project's folder. */
  readonly script: string;
  readonly env: NodeJS.ProcessEnv;
  readonly logFile: string;
  /** How long it may finish what it is doing before it is killed. */
  readonly drainLimitMs: number;
  readonly onSpawn?: OnSpawn;
}

export interface LocalProgram {
  readonly identity: ProcessIdentity;
  readonly ended: Promise<string>;
  stop(): Promise<void>;
}

const readyLimitMs = 60_000;

/**
 * Left to itself, Node lets garbage grow to a multiple of what is alive. Ten thousand waiting jobs keep some 550 MB in
 * use, and a worker takes 200 steps at a time.
 */
const heapFlags = ['--max-semi-space-size=4', '--max-old-space-size=384'];
/** glibc otherwise keeps a heap for each of some twenty threads: 40 MB of a worker's 430. Elsewhere it means nothing. */
const allocator = { MALLOC_ARENA_MAX: '2' };

/**
 * Starts one of our own processes and resolves when it says `{ready: true}` over its channel. It ends by itself when
 * the channel closes, so that none outlives the stack.
 *
 * @throws {StartError}
 */
export async function startProgram(options: ProgramOptions): Promise<LocalProgram> {
  const { label, logFile, drainLimitMs } = options;
  const { identity, child, ended } = await spawnServer({
    command: [process.execPath, ...heapFlags, join(projectRoot, options.script)],
    env: { ...allocator, ...options.env },
    logFile,
    lifetime: 'own',
    channel: 'ipc',
    ...(options.onSpawn && { onSpawn: options.onSpawn }),
  });
  const refusal = listenForRefusal(child);
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), readyLimitMs);
  const outcome = await Promise.race([saysReady(child), ended, aborted(limit.signal)]);
  clearTimeout(timer);
  if (outcome !== 'ready') {
    await stop(identity, { limitMs: 5_000 });
    const sentence = await refusal.heard();
    if (sentence !== undefined) throw new StartError(sentence);
    const what = outcome === 'late' ? `is not ready after ${readyLimitMs / 1000} s` : `ended (${outcome})`;
    throw new StartError(`${label} ${what}. Its log: ${logFile}\n${tail(logFile)}`);
  }
  return {
    identity,
    ended,
    stop: async () => {
      await stop(identity, { limitMs: drainLimitMs });
    },
  };
}

function saysReady(child: ChildProcess): Promise<'ready'> {
  return new Promise((resolve) => {
    child.on('message', (message) => {
      if (typeof message === 'object' && 'ready' in message && message.ready === true) resolve('ready');
    });
  });
}

function aborted(signal: AbortSignal): Promise<'late'> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve('late'), { once: true });
  });
}
