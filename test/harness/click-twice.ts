import type { Locator } from 'playwright-core';
import { until } from './until.js';

interface Given {
  /** What goes with the second click; the button, unless it is told. */
  gone?: Locator;
  /** By the pointer, unless it is told. */
  click?: (button: Locator) => Promise<void>;
}

const byPointer = (button: Locator): Promise<void> => button.click({ timeout: 2_000 });

/** Clicks twice what goes at the second click. A machine that stops in between is asked again, as people are. */
export async function clickTwice(
  button: Locator,
  { gone = button, click = byPointer }: Given = {},
): Promise<void> {
  await gone.waitFor();
  await until(
    async () => {
      if ((await gone.count()) === 0) return true;
      // It may go while it is looked for.
      await click(button).catch(() => undefined);
      return false;
    },
    { what: 'it is gone', limitMs: 90_000 },
  );
}
