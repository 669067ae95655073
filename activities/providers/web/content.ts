import { StepFailure } from '../../frame/step-failure.js';
import { byteOrderMark } from './charset.js';

/** What a page says of itself in Content-Type. */
export interface Declared {
  mediaType: string | null;
  charset: string | null;
}

export type Content = 'html' | 'text';

const readable: Readonly<Record<string, Content>> = {
  'text/html': 'html',
  'application/xhtml+xml': 'html',
  'text/plain': 'text',
};

export function parseContentType(header: string | undefined): Declared {
  if (!header) return { mediaType: null, charset: null };
  return {
    mediaType: /^[^;,\s]+/.exec(header.trim())?.[0].toLowerCase() ?? null,
    charset: /;\s*charset\s*=\s*"?([^";,\s]+)/i.exec(header)?.[1] ?? null,
  };
}

/** @throws {StepFailure} unsupported-content; before the body is read, which may be gigabytes of video */
export function assertReadable({ mediaType }: Declared, where: string): void {
  if (mediaType === null || Object.hasOwn(readable, mediaType)) return;
  const type = mediaType.slice(0, 80);
  throw new StepFailure('unsupported-content', `${where} is ${type}; only HTML and plain text are read.`);
}

const signatures: readonly { starts: string; what: string }[] = [
  { starts: '%PDF-', what: 'a PDF' },
  { starts: '\x89PNG', what: 'a PNG image' },
  { starts: '\xff\xd8\xff', what: 'a JPEG image' },
  { starts: 'GIF8', what: 'a GIF image' },
  { starts: 'RIFF', what: 'an image or a sound' },
  { starts: 'PK\x03\x04', what: 'a ZIP archive or an office document' },
  { starts: '\x1f\x8b', what: 'a gzip archive' },
];

/** Bytes that no text has, in any charset that is not UTF-16: the list of the MIME sniffing standard, and its reach. */
const binaryBytes = /[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]/g;
const sniffedBytes = 1445;
/** A stray control character makes no binary data, in which every tenth byte is one. */
const mostBinary = 0.02;
const fewStray = 4;

/**
 * Whether the body is HTML or text, by what it declares and what it is: a server can call an image anything.
 *
 * @throws {StepFailure} unsupported-content
 */
export function contentOf(body: Buffer, { declared, where }: { declared: Declared; where: string }): Content {
  const start = body.toString('latin1', 0, sniffedBytes);
  const isUtf16 = (byteOrderMark(body) ?? declared.charset ?? '').toLowerCase().startsWith('utf-16');
  const signature = signatures.find(({ starts }) => start.startsWith(starts))?.what;
  const binary = [...(start.match(binaryBytes) ?? [])];
  const isBinary =
    binary.length > mostBinary * start.length && (binary.length > fewStray || binary.includes('\0'));
  if (signature ?? (!isUtf16 && isBinary)) {
    const said = declared.mediaType ? `, although the server says ${declared.mediaType}` : '';
    throw new StepFailure('unsupported-content', `${where} is ${signature ?? 'binary data'}${said}.`);
  }
  if (declared.mediaType) return readable[declared.mediaType] ?? 'html';
  return /^\s*<(!doctype|html|head|body|!--|\?xml)/i.test(start) ? 'html' : 'text';
}
