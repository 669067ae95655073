import { createReadStream } from 'node:fs';
import { isRecord } from '../../job-types/contract/is-record.js';
import { headOf, looked } from './head-of.js';

/** How the text of a file is written down. */
export interface CsvForm {
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';
  hasMark: boolean;
  delimiter: string;
}

const marks = [
  { encoding: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { encoding: 'utf-16le', bytes: [0xff, 0xfe] },
  { encoding: 'utf-16be', bytes: [0xfe, 0xff] },
] as const;

/** Reads the whole file once where it does not say itself how it is encoded. */
export async function csvForm(path: string): Promise<CsvForm> {
  const head = await headOf(path);
  const mark = marks.find(({ bytes }) => bytes.every((byte, place) => head[place] === byte));
  const encoding = mark?.encoding ?? zeros(head) ?? ((await isUtf8(path)) ? 'utf-8' : 'windows-1252');
  const text = new TextDecoder(encoding).decode(head, { stream: true });
  return { encoding, hasMark: mark !== undefined, delimiter: delimiterOf(text) };
}

/** UTF-16 without a mark has its zeros on one side, as long as most letters are Latin. */
function zeros(head: Buffer): CsvForm['encoding'] | null {
  if (!head.includes(0)) return null;
  let even = 0;
  let odd = 0;
  for (const [place, byte] of head.entries()) {
    if (byte !== 0) continue;
    if (place % 2 === 0) even += 1;
    else odd += 1;
  }
  return odd > even ? 'utf-16le' : 'utf-16be';
}

async function isUtf8(path: string): Promise<boolean> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  try {
    for await (const piece of createReadStream(path)) decoder.decode(piece as Buffer, { stream: true });
    decoder.decode();
    return true;
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ERR_ENCODING_INVALID_ENCODED_DATA') return false;
    throw error;
  }
}

const delimiters = [',', ';', '\t', '|'] as const;

/** The one that most lines have as often as the first line has it; of several, the one that is there most often. */
export function delimiterOf(text: string): string {
  const lines = linesOf(text).slice(0, 50);
  const score = (delimiter: string) => {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const [first = 0] = counts;
    if (first === 0) return 0;
    return counts.filter((count) => count === first).length / lines.length + first / 1000;
  };
  const [best] = delimiters
    .map((delimiter) => ({ delimiter, score: score(delimiter) }))
    .toSorted((a, b) => b.score - a.score);
  return best && best.score > 0 ? best.delimiter : ',';
}

/** Records without what stands in quotes; the last one, which may be cut, does not count unless it is alone. */
function linesOf(text: string): string[] {
  const bare = text.replace(/"(?:[^"]|"")*"?/g, '""');
  const lines = bare.split(/\r\n|\n|\r/).filter((line) => line.trim() !== '');
  return lines.length > 1 && text.length >= looked / 2 ? lines.slice(0, -1) : lines;
}
