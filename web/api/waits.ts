/** Milliseconds between tries, and between polls: quick at first, then patient. */
export const waitsMs = [1_000, 2_000, 5_000] as const;

export const waitMs = (tries: number): number => waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 5_000;
