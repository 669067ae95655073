import { useEffect } from 'react';

/** In ms. Nothing is told of a job that stands still, so it is looked at after so much silence, and no more. */
const silencesMs = [8_000, 20_000, 60_000] as const;

/** @param seq of the last event that was told */
export function useLook(seq: number, { wanted, look }: { wanted: boolean; look(): void }): void {
  useEffect(() => {
    if (!wanted) return undefined;
    const timers = silencesMs.map((ms) => window.setTimeout(look, ms));
    return () => timers.forEach((timer) => window.clearTimeout(timer));
  }, [seq, wanted, look]);
}
