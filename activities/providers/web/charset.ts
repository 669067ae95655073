const byteOrderMarks: readonly { bytes: readonly number[]; charset: string }[] = [
  { bytes: [0xef, 0xbb, 0xbf], charset: 'utf-8' },
  { bytes: [0xfe, 0xff], charset: 'utf-16be' },
  { bytes: [0xff, 0xfe], charset: 'utf-16le' },
];

export function byteOrderMark(body: Buffer): string | null {
  return (
    byteOrderMarks.find(({ bytes }) => bytes.every((byte, index) => body[index] === byte))?.charset ?? null
  );
}

/** The WHATWG name of a label ("latin1" is windows-1252); null for labels no browser knows, utf-7 among them. */
function known(label: string | null | undefined): string | null {
  if (!label) return null;
  try {
    return new TextDecoder(label).encoding;
  } catch {
    // RangeError: not an encoding of the web platform.
    return null;
  }
}

/** How far into a page a declaration counts: what the HTML standard lets browsers look at. */
const declarationBytes = 1024;

function declaredInside(body: Buffer): string | null {
  const head = body.toString('latin1', 0, declarationBytes).replaceAll(/<!--.*?-->/gs, '');
  const label =
    /<meta\b[^>]*?\bcharset\s*=\s*["']?\s*([^"'\s/>;]+)/i.exec(head)?.[1] ??
    /^<\?xml\b[^>]*?\bencoding\s*=\s*["']([^"']+)/i.exec(head)?.[1];
  const charset = known(label);
  // The declaration was read as ASCII, so whatever it says, the page is not UTF-16.
  return charset?.startsWith('utf-16') ? 'utf-8' : charset;
}

const isUtf8 = (body: Buffer): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(body);
    return true;
  } catch {
    // TypeError: a byte sequence that UTF-8 does not have.
    return false;
  }
};

export interface Decoded {
  text: string;
  /** Set when nobody said what the charset is. */
  guessed: string | null;
}

/** Byte order mark, then Content-Type, then what the page itself declares, then UTF-8 or, if it is not, windows-1252. */
export function decode(body: Buffer, headerCharset: string | null): Decoded {
  const told = byteOrderMark(body) ?? known(headerCharset) ?? declaredInside(body);
  const charset = told ?? (isUtf8(body) ? 'utf-8' : 'windows-1252');
  return {
    text: new TextDecoder(charset).decode(body),
    guessed: told || charset === 'utf-8' ? null : charset,
  };
}
