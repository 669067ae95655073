import { useEffect } from 'react';

/** In ms. Nothing is told of a job that stands still, so it is looked at after so much silence, and no more. */
const silencesMs = [8_000, 20_000, 60_000] as const;

/** The silence begins again with another `look`, and where it is drawn anew, as by a key of the last event. */
export function LookAgain({ look }: { look(): void }) {
  useEffect(() => {
    const timers = silencesMs.map((ms) => window.setTimeout(look, ms));
    return () => timers.forEach((timer) => window.clearTimeout(timer));
  }, [look]);
  return null;
}
