import { StepFailure } from '../../frame/step-failure.js';

/**
 * Bytes of a table that one reading of it holds. Most of them lie outside the heap, which is 384 MB and shared by all steps
 * of a worker.
 */
const mostBytes = 96 * 1024 * 1024;

/** What a step has to hold of a table until it has seen all of it. If nobody counted, a small file would fill the worker. */
export class Held {
  private bytes = 0;

  constructor(private readonly most = mostBytes) {}

  /** @throws {StepFailure} file-beyond-limit */
  take(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes <= this.most) return;
    const detail = `The step would hold more than ${this.most} bytes of the table in memory, which is the most.`;
    throw new StepFailure('file-beyond-limit', detail);
  }

  /** Whether so many more still fit. */
  hasRoom(bytes: number): boolean {
    return this.bytes + bytes <= this.most;
  }
}
