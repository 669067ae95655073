const fixedLength = 10;
const flags = { extra: 4, name: 8, comment: 16, headerSum: 2 };

/** Where the compressed data begins (RFC 1952). */
export function gzipHeaderLength(body: Buffer): number {
  const has = body[3] ?? 0;
  let at = fixedLength;
  if (has & flags.extra) at += 2 + (body.length >= at + 2 ? body.readUInt16LE(at) : 0);
  for (const field of [flags.name, flags.comment]) {
    // A text that ends with a zero.
    if (has & field) at = body.indexOf(0, at) + 1 || body.length;
  }
  return has & flags.headerSum ? at + 2 : at;
}
