import type { Held } from './held.js';

/** Numbers outside the heap, 8 bytes each. */
export class Numbers {
  private numbers = new Float64Array(1024);
  private count = 0;

  /** @throws {StepFailure} file-beyond-limit */
  add(number: number, held: Held): void {
    if (this.count === this.numbers.length) {
      held.take(this.numbers.byteLength);
      const larger = new Float64Array(this.numbers.length * 2);
      larger.set(this.numbers);
      this.numbers = larger;
    }
    this.numbers[this.count] = number;
    this.count += 1;
  }

  /** In the order in which they came. */
  get all(): Float64Array {
    return this.numbers.subarray(0, this.count);
  }
}
