import type { EventView } from './event-view.js';

export interface Patience {
  /** Seconds. */
  wait: number;
  /** Any of them that is aborted ends the wait. */
  ends: readonly AbortSignal[];
}

/** Waits until there is something behind the place of the view, and closes it. */
export async function untilMore(view: EventView, { wait, ends }: Patience): Promise<void> {
  const more = Promise.withResolvers<void>();
  const timer = setTimeout(more.resolve, wait * 1000);
  const goodbye = () => more.resolve();
  for (const end of ends) end.addEventListener('abort', goodbye);
  try {
    if (ends.some(({ aborted }) => aborted)) return;
    view.start({
      send() {
        more.resolve();
        // It takes no more: all of it is read from the database.
        return new Promise(() => undefined);
      },
      done: more.resolve,
      refuse: () => more.resolve(),
    });
    await more.promise;
  } finally {
    clearTimeout(timer);
    for (const end of ends) end.removeEventListener('abort', goodbye);
    view.close();
  }
}
