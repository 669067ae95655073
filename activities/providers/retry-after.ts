/** Providers have asked for days; a step that waits that long has rather failed. */
export const longestRetryAfter = 600;

/** Seconds the provider asks us to wait, at most ten minutes; null when it asks for nothing that makes sense. */
export function parseRetryAfter(headers: Readonly<Record<string, string>>, now = Date.now()): number | null {
  const ms = headers['retry-after-ms'];
  const after = headers['retry-after'];
  const seconds = isNumber(ms) ? Number(ms) / 1000 : after === undefined ? NaN : toSeconds(after, now);
  return seconds > 0 ? Math.min(seconds, longestRetryAfter) : null;
}

const isNumber = (text: string | undefined): text is string => /^\s*\d+(\.\d+)?\s*$/.test(text ?? '');

const toSeconds = (text: string, now: number): number =>
  isNumber(text) ? Number(text) : Math.ceil((Date.parse(text) - now) / 1000);
