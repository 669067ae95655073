import type { Entry } from 'yauzl';
import { StepFailure } from '../../frame/step-failure.js';
import { Held } from '../held/held.js';
import { Texts } from '../held/texts.js';
import type { Archive } from './archive.js';
import { decodeEscapes, markupReader } from './markup.js';

/** Texts that cells refer to, and characters of one of them. A cell of Excel has 32,767. */
const most = { texts: 2_000_000, length: 1_000_000 };

/** The texts that cells refer to by number. Of a text in several fonts, the words; how they are pronounced is left out. */
export async function sharedStrings(
  archive: Archive,
  { entry, signal }: { entry: Entry | null; signal: AbortSignal },
): Promise<Texts> {
  const strings = new Texts(new Held());
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
      if (!isText) return;
      text += piece;
      if (text.length > most.length) throw tooMuch(`a text of more than ${most.length} characters`);
    },
    close(name) {
      if (name === 't') isText = false;
      if (name === 'rPh') isSound = false;
      if (name !== 'si') return;
      if (strings.size === most.texts) throw tooMuch(`more than ${most.texts} texts`);
      strings.add(decodeEscapes(text));
    },
  });
  for await (const piece of archive.text(entry, signal)) feed(archive, () => reader.write(piece));
  feed(archive, () => reader.close());
  return strings;
}

const tooMuch = (what: string): StepFailure =>
  new StepFailure('file-beyond-limit', `The workbook has ${what}, which is more than is read.`);

/** What is wrong with the XML is wrong with the workbook. What has a name of its own keeps it. */
export function feed<T>(archive: Archive, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof StepFailure ? error : archive.damaged(error);
  }
}
