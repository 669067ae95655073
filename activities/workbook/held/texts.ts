import type { Held } from './held.js';

/**
 * Texts outside the heap, by their numbers. A text of the heap is often a part of a longer one, which it keeps there as a
 * whole.
 */
export class Texts {
  private bytes = Buffer.alloc(64 * 1024);
  private ends = new Uint32Array(1024);
  private used = 0;
  private count = 0;

  constructor(private readonly held: Held) {}

  get size(): number {
    return this.count;
  }

  /**
   * @returns its number, from 0
   * @throws {StepFailure} file-beyond-limit
   */
  add(text: string): number {
    // UTF-8 takes at most three bytes for a unit of a text.
    this.makeRoom(text.length * 3);
    this.used += this.bytes.write(text, this.used, 'utf8');
    this.ends[this.count] = this.used;
    return this.count++;
  }

  /** Undefined for a number that no text has. */
  at(number: number): string | undefined {
    if (!Number.isInteger(number) || number < 0 || number >= this.count) return undefined;
    return this.bytes.toString('utf8', number === 0 ? 0 : this.ends[number - 1], this.ends[number]);
  }

  private makeRoom(bytes: number): void {
    if (this.used + bytes > this.bytes.length) {
      const length = Math.max(this.used + bytes, this.bytes.length * 2);
      this.held.take(length - this.bytes.length);
      const larger = Buffer.alloc(length);
      this.bytes.copy(larger, 0, 0, this.used);
      this.bytes = larger;
    }
    if (this.count === this.ends.length) {
      this.held.take(this.ends.byteLength);
      const larger = new Uint32Array(this.ends.length * 2);
      larger.set(this.ends);
      this.ends = larger;
    }
  }
}
