import { CancelledFailure } from '@temporalio/common';

/** A step that starts while its notice is on the way is stopped too. Below the frame's patience with a wrong notice, 5 s. */
const rememberedMs = 2_000;
/** How late a cancel can be whose notice is lost. One question a worker, however many jobs it runs. */
const lookEveryMs = 1_000;

export interface Watch {
  /** Aborts when the run is announced as cancelled; the reason is the one Temporal's own cancellation has. */
  signal: AbortSignal;
  end(): void;
}

/**
 * The short cut of a cancel. A notice from the API reaches the running steps of the job before Temporal's
 * cancellation does. That one rides on the answer to a heartbeat. A notice that is lost is found by looking for it
 * while steps run.
 */
export interface CancelNotices {
  /** For as long as an attempt lasts. */
  watch(runId: string): Watch;
  /** @param notice the ids of job and run, as `Cancellations.announce` sends them. */
  hear(notice: string): void;
  /** Looks now: notices may have been missed. */
  look(): Promise<void>;
}

export interface CancelNoticesOptions {
  /** Which of these runs were announced as cancelled. */
  announced(runIds: readonly string[]): Promise<readonly string[]>;
  /** Told once an outage; looking is tried again while steps run. */
  onError(error: unknown): void;
}

export function createCancelNotices({ announced, onError }: CancelNoticesOptions): CancelNotices {
  const watched = new Map<string, Set<AbortController>>();
  const heard = new Map<string, number>();
  let nextLook: NodeJS.Timeout | undefined;
  let complained = false;

  const stop = (runId: string): void => {
    for (const controller of watched.get(runId) ?? []) controller.abort(cancelled());
  };

  const look = async (): Promise<void> => {
    if (watched.size === 0) return;
    try {
      for (const runId of await announced([...watched.keys()])) stop(runId);
      complained = false;
    } catch (error) {
      if (!complained) onError(error);
      complained = true;
    }
  };

  const lookLater = (): void => {
    nextLook = setTimeout(() => {
      void look().then(() => {
        nextLook = undefined;
        if (watched.size > 0) lookLater();
      });
    }, lookEveryMs).unref();
  };

  const forgetOld = (): void => {
    for (const [runId, at] of heard) {
      if (performance.now() - at < rememberedMs) return;
      heard.delete(runId);
    }
  };

  return {
    watch(runId) {
      forgetOld();
      const controller = new AbortController();
      const attempts = watched.get(runId) ?? new Set();
      watched.set(runId, attempts.add(controller));
      if (heard.has(runId)) controller.abort(cancelled());
      if (!nextLook) lookLater();
      return {
        signal: controller.signal,
        end() {
          attempts.delete(controller);
          if (attempts.size === 0) watched.delete(runId);
        },
      };
    },

    hear(notice) {
      const runId = notice.slice(notice.lastIndexOf(' ') + 1);
      forgetOld();
      heard.delete(runId);
      heard.set(runId, performance.now());
      stop(runId);
    },

    look,
  };
}

const cancelled = (): CancelledFailure => new CancelledFailure('CANCELLED');
