import { constants, fstatSync, openSync, writeSync } from 'node:fs';

/** A line for each poll, each written by itself, would be a tenth of what a poll costs. Characters and milliseconds. */
const gathered = { characters: 4_096, ms: 250 };

/** Characters that wait for a log that cannot be written. What comes after them is dropped. */
const mostWaiting = 1_000_000;

/** In ms. When it is tried again, after a reader that is slow and after a disk that is full. */
const againMs = { slow: 50, failed: 1_000 };

/** In ms. So long a reader that has stopped reading may hold the process up, once. One that reads needs less. */
const readerMs = 250;

/** Writes what there is room for. @returns the bytes taken @throws EAGAIN where a reader is slow */
export type Write = (bytes: Uint8Array) => number;

/**
 * Standard output for a log, which may be lost but never holds the process up. What is written has left the process: it
 * outlives its end.
 */
export class LogOutput {
  /** Lines that were dropped, since the start. */
  dropped = 0;
  /** Whether the last try to write failed. */
  failing = false;
  private lines: string[] = [];
  private characters = 0;
  /** What is left of what was begun to be written. */
  private rest: Uint8Array = new Uint8Array();
  /** Lines that were dropped since a line has said so. */
  private untold = 0;
  private timer: NodeJS.Timeout | null = null;
  private waited = false;

  constructor(
    private readonly take: Write,
    private readonly lineOnDropped: (lines: number) => string,
  ) {}

  /** Takes a line, and writes it soon. */
  write(line: string): void {
    if (this.characters + line.length > mostWaiting) {
      this.dropped += 1;
      this.untold += 1;
      return;
    }
    this.lines.push(line);
    this.characters += line.length;
    if (!this.failing && this.characters >= gathered.characters) this.flush();
    else this.later(this.failing ? againMs.failed : gathered.ms);
  }

  /** Writes all there is, as far as it is taken. */
  flush(): void {
    try {
      while (this.fill()) this.rest = this.rest.subarray(this.takeSome());
      this.failing = false;
    } catch (error) {
      this.failing = true;
      this.later(isSlow(error) ? againMs.slow : againMs.failed);
    }
  }

  /** What pino asks for when the process is about to end. */
  flushSync(): void {
    this.flush();
  }

  /** @returns whether there is something to write */
  private fill(): boolean {
    if (this.rest.length > 0) return true;
    if (this.lines.length === 0 && this.untold === 0) return false;
    const told = this.untold > 0 ? this.lineOnDropped(this.untold) : '';
    this.rest = Buffer.from(this.lines.join('') + told);
    this.lines = [];
    this.characters = 0;
    this.untold = 0;
    return true;
  }

  private takeSome(): number {
    const end = performance.now() + readerMs;
    for (;;) {
      try {
        const taken = this.take(this.rest);
        this.waited = false;
        return taken;
      } catch (error) {
        if (!isSlow(error) || this.waited) throw error;
        if (performance.now() > end) this.waited = true;
        else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
      }
    }
  }

  private later(ms: number): void {
    this.timer ??= setTimeout(() => {
      this.timer = null;
      this.flush();
    }, ms).unref();
  }
}

/** Not `instanceof`: errors of Node come from another realm where modules run in a context. */
const isSlow = (error: unknown): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === 'EAGAIN';

/** Writes to standard output so that a reader who has stopped reading stops nobody else. */
export function toStandardOutput(): Write {
  const fd = withoutWaiting();
  return (bytes) => writeSync(fd, bytes);
}

const standardOutput = 1;

/** A descriptor of standard output that is not waited for. */
function withoutWaiting(): number {
  // A file is written or not, and never waited for.
  if (fstatSync(standardOutput).isFile()) return standardOutput;
  try {
    // Opened anew: whoever shares the descriptor keeps its own way of writing.
    return openSync(`/proc/self/fd/${standardOutput}`, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch {
    // A socket cannot be opened anew. Once Node has made a stream of it, nothing waits for it either.
    return process.stdout.fd;
  }
}
