import type { Entry } from 'yauzl';
import type { Archive } from './archive.js';
import { decodeEscapes, markupReader } from './markup.js';

/** The texts that cells refer to by number. Of a text in several fonts, the words; how they are pronounced is left out. */
export async function sharedStrings(
  archive: Archive,
  { entry, signal }: { entry: Entry | null; signal: AbortSignal },
) {
  const strings: string[] = [];
  if (!entry) return strings;
  let text = '';
  let isText = false;
  let isSound = false;
  const reader = markupReader({
    open(name) {
      if (name === 'si') text = '';
      if (name === 'rPh') isSound = true;
      if (name === 't') isText = !isSound;
    },
    text(piece) {
      if (isText) text += piece;
    },
    close(name) {
      if (name === 't') isText = false;
      if (name === 'rPh') isSound = false;
      if (name === 'si') strings.push(decodeEscapes(text));
    },
  });
  for await (const piece of archive.text(entry, signal)) feed(archive, () => reader.write(piece));
  feed(archive, () => reader.close());
  return strings;
}

/** What is wrong with the XML is wrong with the workbook. */
export function feed(archive: Archive, write: () => unknown): void {
  try {
    write();
  } catch (error) {
    throw archive.damaged(error);
  }
}
