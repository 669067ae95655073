import { Problem } from '../problems/problems.js';

/** An entity stands for text that may hold other entities, ten of each: a billion in a few lines. */
const declaration = /<!ENTITY|<!DOCTYPE[^<>[]{0,4000}\[/i;

/** Longer than the longest text it looks for, so that none is cut in two. */
const overlap = 4_100;

/**
 * Refuses XML that declares entities, which a reader would unfold. Holds two pieces of it.
 * @throws {Problem} file-unsafe
 */
export async function refuseEntities(pieces: AsyncIterable<Buffer>, what = 'The file'): Promise<void> {
  let before = '';
  for await (const piece of pieces) {
    // In UTF-16 every other byte is zero.
    const text = before + piece.toString('latin1').replaceAll('\0', '');
    if (declaration.test(text)) throw new Problem('file-unsafe', `${what} is XML that declares entities.`);
    before = text.slice(-overlap);
  }
}
