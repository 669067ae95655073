/** Longer waits do not survive the proxies between a client and us. */
export const longestWait = 60;

/** Seconds of `Prefer: wait=n` (RFC 7240), at most a minute; 0 without it. */
export function preferredWait(header: string | string[] | undefined): number {
  const text = Array.isArray(header) ? header.join() : (header ?? '');
  const wait = /(?:^|[,;\s])wait\s*=\s*"?(\d{1,9})/i.exec(text)?.[1];
  return wait === undefined ? 0 : Math.min(Number(wait), longestWait);
}
