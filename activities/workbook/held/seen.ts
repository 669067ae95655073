import { hash } from 'node:crypto';
import type { Held } from './held.js';

/** Bytes of an entry, and its words. */
const entry = { bytes: 16, words: 4 };

/** Texts up to this long are their own entry. */
const shortest = 15;

/** Tells a digest from a text, whose last byte is its length. */
const digestMark = 0x80;

/**
 * Which texts have been seen. Of a long text its digest is kept, so that an entry takes 16 bytes, outside the heap. No two
 * texts with the same 127 bits of SHA-256 are known.
 */
export class Seen {
  private entries = new Uint32Array(1024 * entry.words);
  private count = 0;
  private readonly bytes = Buffer.alloc(entry.bytes);
  private readonly words = new Uint32Array(this.bytes.buffer, this.bytes.byteOffset, entry.words);

  constructor(private readonly held: Held) {}

  get size(): number {
    return this.count;
  }

  /** Whether another text fits into what may be held. */
  get hasRoom(): boolean {
    return !this.isTight || this.held.hasRoom(this.entries.byteLength);
  }

  /**
   * @returns whether it is new
   * @throws {StepFailure} file-beyond-limit
   */
  add(text: string): boolean {
    if (this.isTight) this.grow();
    this.setWords(text);
    const isNew = put(this.entries, this.words);
    if (isNew) this.count += 1;
    return isNew;
  }

  /** Half of the places stay empty, so that the way to one is short. */
  private get isTight(): boolean {
    return this.count * 2 * entry.words >= this.entries.length;
  }

  private grow(): void {
    this.held.take(this.entries.byteLength);
    const larger = new Uint32Array(this.entries.length * 2);
    for (let at = 0; at < this.entries.length; at += entry.words) {
      const words = this.entries.subarray(at, at + entry.words);
      if (!isEmpty(words, 0)) put(larger, words);
    }
    this.entries = larger;
  }

  /** Never all zero, which is an empty place. */
  private setWords(text: string): void {
    this.bytes.fill(0);
    if (text.length <= shortest && isBytes(text)) {
      this.bytes.write(text, 'latin1');
      this.bytes[entry.bytes - 1] = text.length + 1;
      return;
    }
    this.bytes.set(hash('sha256', text, 'buffer').subarray(0, entry.bytes));
    this.bytes[entry.bytes - 1]! |= digestMark;
  }
}

function isBytes(text: string): boolean {
  for (let at = 0; at < text.length; at += 1) if (text.charCodeAt(at) > 0xff) return false;
  return true;
}

const isEmpty = (words: Uint32Array, at: number): boolean =>
  (words[at]! | words[at + 1]! | words[at + 2]! | words[at + 3]!) === 0;

/** @returns whether it was not there */
function put(entries: Uint32Array, words: Uint32Array): boolean {
  const [a = 0, b = 0, c = 0, d = 0] = words;
  const places = entries.length / entry.words;
  let place = mixed(a, b, c, d) % places;
  for (;;) {
    const at = place * entry.words;
    if (isEmpty(entries, at)) {
      entries.set(words, at);
      return true;
    }
    if (entries[at] === a && entries[at + 1] === b && entries[at + 2] === c && entries[at + 3] === d) {
      return false;
    }
    place = (place + 1) % places;
  }
}

/** Short texts that are alike, as numbers are, go to places far from each other. */
function mixed(...words: [number, number, number, number]): number {
  let hashed = 0x9e3779b9;
  for (const word of words) {
    hashed = Math.imul(hashed ^ word, 0x85ebca6b);
    hashed ^= hashed >>> 13;
    hashed = Math.imul(hashed, 0xc2b2ae35);
    hashed ^= hashed >>> 16;
  }
  return hashed >>> 0;
}
