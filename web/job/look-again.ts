import { useEffect } from 'react';

/** In ms. Nothing is told of a job that stands still, so it is looked at after so much silence, and no more. */
const silencesMs = [8_000, 20_000, 60_000] as const;

/** Drawn anew, by its key, with every event: the silence begins again. */
export function LookAgain({ look }: { look(): void }) {
  useEffect(() => {
    const timers = silencesMs.map((ms) => window.setTimeout(look, ms));
    return () => timers.forEach((timer) => window.clearTimeout(timer));
  }, [look]);
  return null;
}
