import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setTimeout as pause } from 'node:timers/promises';
import { endOrphans } from './orphans.js';
import { stop } from './processes.js';
import { listenForRefusal } from './refusal.js';
import { openLog, StartError, tail } from './server-process.js';
import type { StackSettings } from './settings.js';
import { removeRecord, runningRecord, type StackRecord, takeRecord } from './stack-record.js';
import type { Tell } from './telling.js';

/** Longer than all the limits of the single parts together. */
const drainLimitMs = 90_000;

export interface EnsuredStack {
  readonly api: string;
  readonly ui: string | null;
  readonly logs: string;
  /** Whether it runs because of this call. */
  readonly startedHere: boolean;
}

export interface EnsureOptions {
  readonly report: Tell;
  /** Ends the waiting, and with it a stack that is being started here. */
  readonly signal?: AbortSignal;
}

/**
 * The stack that runs, or one that is started in the background and stays after this process.
 *
 * @throws {StartError}
 * @throws the signal's reason, once nothing is left of what was started
 */
export async function ensureStack(
  settings: StackSettings,
  { report, signal }: EnsureOptions,
): Promise<EnsuredStack> {
  const running = await readyRecord(settings.dataDir, report);
  signal?.throwIfAborted();
  if (running) return { ...running, startedHere: false };

  const logFile = settings.logFile('stack');
  const log = openLog(logFile);
  const child = spawn(process.execPath, [fileURLToPath(new URL('../start.js', import.meta.url))], {
    detached: true,
    stdio: ['ignore', log, log, 'ipc'],
  });
  const refusal = listenForRefusal(child);
  closeSync(log);
  await once(child, 'spawn');
  const giveUp = () => child.kill('SIGTERM');
  signal?.addEventListener('abort', giveUp, { once: true });
  try {
    for (;;) {
      const addresses = await readyRecord(settings.dataDir, report);
      const hasEnded = child.exitCode !== null || child.signalCode !== null;
      if (hasEnded) signal?.throwIfAborted();
      if (addresses && !signal?.aborted) {
        child.disconnect();
        child.unref();
        return { ...addresses, startedHere: true };
      }
      // It also ends, and well, when another start was faster; that one's record is then waited for.
      if (hasEnded && child.exitCode !== 0) {
        const sentence = await refusal.heard();
        if (sentence !== undefined) throw new StartError(sentence);
        throw new StartError(`The stack did not start. Its log: ${logFile}\n${tail(logFile)}`);
      }
      await pause(100);
    }
  } finally {
    signal?.removeEventListener('abort', giveUp);
  }
}

/**
 * The addresses of the stack that runs; while it is starting, resolves when it is ready, reporting what it says
 * meanwhile. Undefined when there is none, or when it ended first.
 */
export async function readyRecord(
  dataDir: string,
  report: Tell,
): Promise<StackRecord['addresses'] | undefined> {
  let lastNote: string | undefined;
  for (;;) {
    const record = runningRecord(dataDir);
    if (!record) return undefined;
    if (record.phase === 'ready') return record.addresses;
    if (record.note !== lastNote) report(record.note, record.noteSince);
    lastNote = record.note;
    await pause(100);
  }
}

/** Ends the stack, or what a killed one has left. @returns what there was to do */
export async function stopStack(settings: StackSettings): Promise<'stopped' | 'cleaned' | 'nothing'> {
  const { dataDir } = settings;
  const running = runningRecord(dataDir);
  if (running) await stop(running.holder, { limitMs: drainLimitMs });
  const record = existsSync(dataDir) ? takeRecord(dataDir) : undefined;
  // Without it there is nothing, or somebody has started a stack again meanwhile, whose parts are no orphans.
  const left = record ? await endOrphans(dataDir, record.parts) : 0;
  if (record) removeRecord(dataDir);
  if (running) return 'stopped';
  return left > 0 ? 'cleaned' : 'nothing';
}
