const longestPath = 120;

/** Host and path, for people: query strings carry tokens. */
export function shown(url: URL): string {
  const path = url.pathname === '/' ? '' : url.pathname;
  return url.host + (path.length > longestPath ? `${path.slice(0, longestPath)}...` : path);
}
