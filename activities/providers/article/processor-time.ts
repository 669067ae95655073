import { setTimeout as pause } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { StepFailure } from '../../frame/step-failure.js';

const lookEveryMs = 50;
/** How many times its processor time a thread may take by the clock, where others want the processors too. */
const patience = 10;
/** For a thread that has to start, on a machine that is busy. */
const startMs = 20_000;

/** What was asked of a thread has taken its processor time. */
export class TookTooLong extends StepFailure {}

interface ProcessorTimeOptions {
  mostMs: number;
  /** Whose abort ends the wait as well. */
  signal: AbortSignal;
}

/**
 * A signal that aborts when a thread has taken its processor time. The clock on the wall says little about what a page
 * costs: on a busy machine it runs on while others work.
 */
export function limitProcessorTime(thread: Worker, { mostMs, signal }: ProcessorTimeOptions) {
  const limit = new AbortController();
  const abort = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  const tooBusy = (): void =>
    limit.abort(
      new StepFailure(
        'fetch-timed-out',
        'This worker was too busy with other work to read the page in time.',
      ),
    );
  let timer = setTimeout(tooBusy, startMs);
  let isOver = false;

  /** Since the thread began, in milliseconds; null once it has ended. */
  const spent = async (): Promise<number | null> =>
    thread.cpuUsage().then(
      ({ user, system }) => (user + system) / 1000,
      // It has ended, which whoever waits for its answer is told by other means.
      () => null,
    );

  return {
    signal: limit.signal,
    /** From here on its time counts. */
    async begin(): Promise<void> {
      clearTimeout(timer);
      timer = setTimeout(tooBusy, Math.max(startMs, mostMs * patience));
      const before = await spent();
      if (before === null) return;
      const look = async (): Promise<void> => {
        await pause(lookEveryMs, undefined, { ref: false });
        const now = isOver ? null : await spent();
        if (now === null || isOver) return;
        if (now - before < mostMs) return look();
        const detail = `The page could not be read within ${mostMs / 1000} s of processor time.`;
        limit.abort(new TookTooLong('page-too-large', detail));
      };
      await look();
    },
    end(): void {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}
