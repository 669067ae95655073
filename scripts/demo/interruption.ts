import { once } from 'node:events';

/** Ctrl-C, or the end of the terminal. */
export class Interrupted extends Error {}

/** Aborts when the demo is told to end. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => controller.abort(new Interrupted()));
  }
  return controller.signal;
}

/** Never resolves. @throws the signal's reason, when it aborts or if it has */
export async function thrownBy(signal: AbortSignal): Promise<never> {
  if (!signal.aborted) await once(signal, 'abort');
  throw signal.reason;
}
