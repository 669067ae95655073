/** Milliseconds between tries, and between polls: quick at first, then patient. */
const waitsMs = [1_000, 2_000, 5_000] as const;

export const waitMs = (tries: number): number => waitsMs[Math.min(tries, waitsMs.length - 1)] ?? 5_000;

/** What an answer asks for in "Retry-After", in milliseconds; 0 where it asks for nothing. */
export function askedMs(answer: Response | undefined): number {
  const seconds = Number(answer?.headers.get('retry-after') ?? 0);
  return Number.isFinite(seconds) && seconds > 0 ? seconds * 1_000 : 0;
}

/** Whether the answer would be the same the next time. */
export const isRefusal = (status: number): boolean =>
  status >= 400 && status < 500 && status !== 429 && status !== 408;
