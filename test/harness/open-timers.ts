import { createHook } from 'node:async_hooks';

export interface OpenTimers {
  /** Where each timer was set that still keeps the process alive. */
  origins(): string[];
  stop(): void;
}

/** Watches the timers set from now on; those that Jest and Node set for themselves are not counted. */
export function watchTimers(): OpenTimers {
  const open = new Map<number, { timer: { hasRef(): boolean }; trace: Error }>();
  const hooks = {
    // Watching every promise as well would slow down what is tested.
    trackPromises: false,
    init(id: number, type: string, _trigger: number, resource: object) {
      if (type === 'Timeout' && isTimer(resource)) open.set(id, { timer: resource, trace: traceHere() });
    },
    destroy(id: number) {
      open.delete(id);
    },
  };
  const hook = createHook(hooks).enable();
  return {
    origins: () =>
      [...open.values()]
        .filter(({ timer }) => timer.hasRef())
        .map(({ trace }) => originOf(trace.stack))
        .filter((origin) => origin !== undefined),
    stop: () => {
      hook.disable();
    },
  };
}

/**
 * Its text costs some milliseconds, and is written for those timers alone that stay open. Jest's own limit is 100 frames, which
 * would cost a tenth of what some tests do.
 */
function traceHere(): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 12;
  const trace = new Error();
  Error.stackTraceLimit = limit;
  return trace;
}

/** The innermost line that is not Node's; undefined when there is none, or when it is Jest's or the harness's own. */
function originOf(stack = ''): string | undefined {
  const frames = stack.split('\n').slice(1);
  const origin = frames.find((frame) => !/node:|open-timers/.test(frame))?.trim();
  return origin === undefined || /node_modules\/(@jest|jest)|harness\/leftovers/.test(origin)
    ? undefined
    : origin;
}

function isTimer(resource: object): resource is { hasRef(): boolean } {
  return 'hasRef' in resource && typeof resource.hasRef === 'function';
}
