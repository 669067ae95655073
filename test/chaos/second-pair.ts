import { setTimeout as pause } from 'node:timers/promises';
import { type OwnProcess, startOwnProcess } from '../harness/own-process.js';
import { until } from '../harness/until.js';
import type { Unrest } from './killing.js';

export interface SecondPair {
  /** From here on none of them dies. Resolves when both run. */
  calm(): Promise<void>;
  stop(): Promise<void>;
  /** What all of its processes have logged so far. */
  log(): string[];
}

/**
 * An API process and a worker beside those of the stack, on the same servers: what two of each do must agree. They die
 * at moments of their own, by a crash or a deploy, and are started again.
 *
 * @param env of both; the API listens on PORT
 */
export function secondPair(env: Record<string, string>, { everyMs, report }: Unrest): SecondPair {
  const over = new AbortController();
  const { signal } = over;
  const lived: OwnProcess[] = [];

  /** Resolves with the process that outlives the unrest. */
  const keep = async (name: string, script: string): Promise<OwnProcess> => {
    for (;;) {
      // A server may be away just then.
      const living = await until(() => startOwnProcess(script, env), {
        what: `the second ${name} is ready`,
        limitMs: 60_000,
        everyMs: 1_000,
      });
      lived.push(living);
      await pause(everyMs * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return living;
      const crash = Math.random() < 0.5;
      report(`${crash ? 'SIGKILL' : 'SIGTERM'} to the second ${name}`);
      await (crash ? living.kill() : living.stop());
    }
  };

  const pair = Promise.all([keep('API', 'src/main.js'), keep('worker', 'src/worker.js')]);
  // Told to whoever calms them.
  pair.catch(() => undefined);
  const calm = async (): Promise<void> => {
    over.abort();
    await pair;
  };
  return {
    calm,
    log: () => lived.flatMap((process) => process.log()),
    async stop() {
      await calm();
      for (const one of await pair) await one.stop();
    },
  };
}
