import type { Attempts, AttemptUnderWay } from '../../store/attempts.js';

/** An attempt that is shorter is not noted: if its worker dies, the next heartbeat that is missed tells. */
const gatherMs = 20;
const againMs = 1_000;

/** Notes in the database what this worker is doing, so that others can end it when the worker has died. */
export interface UnderWay {
  /** @returns what to call at its end */
  begin(attempt: AttemptUnderWay): () => void;
  /** The database sees that the worker lives: what it notes is its own. */
  stand(): void;
  /** The database may take the worker for dead. What it has noted is taken back, and nothing more is noted. */
  fall(): void;
  /** Resolves when nothing of it is noted any more. */
  close(): Promise<void>;
}

export interface UnderWayOptions {
  attempts: Pick<Attempts, 'note' | 'forget'>;
  /** The number whose lock the worker holds. */
  worker: number;
  /** Told once an outage; it is tried again. */
  onError(error: unknown): void;
}

export function createUnderWay({ attempts, worker, onError }: UnderWayOptions): UnderWay {
  const running = new Set<AttemptUnderWay>();
  /** What the table has, as far as this process knows. */
  let noted = new Set<AttemptUnderWay>();
  let stands = false;
  let complained = false;
  let timer: NodeJS.Timeout | null = null;
  /** One statement at a time, so that the last one is what holds. */
  let writing: Promise<void> = Promise.resolve();

  const write = (work: () => Promise<void>): Promise<void> => {
    writing = writing.then(async () => {
      try {
        await work();
        complained = false;
      } catch (error) {
        if (!complained) onError(error);
        complained = true;
        if (stands) noteSoon(againMs);
      }
    });
    return writing;
  };

  const note = async (): Promise<void> => {
    if (!stands) return;
    const now = new Set(running);
    const begun = [...now].filter((one) => !noted.has(one));
    const ended = [...noted].filter((one) => !now.has(one)).map(({ taskToken }) => taskToken);
    if (begun.length + ended.length > 0) await attempts.note(worker, { begun, ended });
    noted = now;
  };

  const forget = async (): Promise<void> => {
    await attempts.forget(worker);
    noted = new Set();
  };

  const noteSoon = (afterMs = gatherMs): void => {
    timer ??= setTimeout(() => {
      timer = null;
      void write(note);
    }, afterMs).unref();
  };

  return {
    begin(attempt) {
      running.add(attempt);
      noteSoon();
      return () => {
        running.delete(attempt);
        noteSoon();
      };
    },
    stand() {
      stands = true;
      // Others may have ended some of it meanwhile, and what it could not take back still stands there.
      void write(forget).then(() => noteSoon());
    },
    fall() {
      if (!stands) return;
      stands = false;
      void write(forget);
    },
    async close() {
      stands = false;
      if (timer) clearTimeout(timer);
      await write(forget);
    },
  };
}
