import { plainText } from '../../job-types/fields/plain-text.js';

/** What is said in a transcript, without the numbers and times of subtitles. @param name by its ending */
export function transcriptText(name: string, bytes: Buffer): string {
  const text = plainText(decoded(bytes));
  return (/\.(srt|vtt)$/i.test(name) ? withoutCues(text) : text).trim();
}

const marks: readonly [string, string][] = [
  ['utf-16le', 'fffe'],
  ['utf-16be', 'feff'],
];

/** UTF-16 says that it is; what is no UTF-8 is taken for the usual one-byte charset. */
function decoded(bytes: Buffer): string {
  const marked = marks.find(([, mark]) => bytes.subarray(0, 2).toString('hex') === mark)?.[0];
  if (marked) return new TextDecoder(marked).decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

const timing = /^\s*(\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}\s*-->\s*(\d+:)?\d{1,2}:\d{2}[.,]\d{1,3}/;

/** Blocks between empty lines: those with a time, from the line behind it on. */
const withoutCues = (text: string): string =>
  text
    .split(/\n[ \t]*\n+/)
    .flatMap((block) => {
      const lines = block.split('\n');
      const at = lines.findIndex((line) => timing.test(line));
      return at === -1 ? [] : lines.slice(at + 1);
    })
    .map((line) => line.replaceAll(/<[^<>]{0,200}>|\{\\[^{}]{0,200}\}/g, '').trim())
    .filter((line) => line !== '')
    .join('\n');
