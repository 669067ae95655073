const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;

/** A command for a POSIX shell. The key, where one is needed, is left for the reader to put in. */
export function curl(path: string, { body, withKey }: { body?: unknown; withKey: boolean }): string {
  const parts = ['curl', quoted(`${location.origin}${path}`)];
  if (withKey) parts.push('-H', `"Authorization: Bearer $LONGHAUL_KEY"`);
  if (body !== undefined) {
    parts.push('-H', quoted('Content-Type: application/json'), '-d', quoted(JSON.stringify(body)));
  }
  return parts.join(' ');
}
