import { setTimeout as pause } from 'node:timers/promises';
import { send } from '../../scripts/local/processes.js';
import { type PartName, readRecord } from '../../scripts/local/stack-record.js';

/** Who dies together, and how. A SIGTERM is a deploy. */
const deaths: readonly { of: readonly PartName[]; by: NodeJS.Signals }[] = [
  { of: ['api'], by: 'SIGKILL' },
  { of: ['api'], by: 'SIGTERM' },
  { of: ['worker'], by: 'SIGKILL' },
  { of: ['worker'], by: 'SIGTERM' },
  { of: ['api', 'worker'], by: 'SIGKILL' },
  { of: ['temporal'], by: 'SIGKILL' },
  { of: ['postgres'], by: 'SIGKILL' },
];

export interface Unrest {
  /** Between two deaths; half of it more or less. */
  everyMs: number;
  report(line: string): void;
}

export interface Killing {
  stop(): Promise<void>;
}

/** Kills parts of a stack at random moments; the stack starts them again. */
export function killAtRandom(dataDir: string, { everyMs, report }: Unrest): Killing {
  const over = new AbortController();
  const killing = async (): Promise<void> => {
    for (;;) {
      await pause(everyMs * (0.5 + Math.random()), undefined, { signal: over.signal });
      const death = deaths[Math.floor(Math.random() * deaths.length)];
      for (const name of death?.of ?? []) {
        const part = readRecord(dataDir)?.parts[name];
        if (!part || !death) continue;
        send(part, death.by);
        report(`${death.by} to ${name}`);
      }
    }
  };
  const ended = killing().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  return {
    async stop() {
      over.abort();
      await ended;
    },
  };
}
