import { within } from '../within.js';

/** What is behind it answers at once or is away; a frozen database must not hold requests up. */
const deadlineMs = 500;
/** For a value that there never was, in whose place nothing serves: a busy database is waited for. */
const firstDeadlineMs = 3_000;
const pauseAfterFailureMs = 1_000;

export interface VouchedValueOptions<T> {
  load(): Promise<T>;
  /** A value this old is loaded again before it is used. */
  freshMs: number;
  /** How long the last value serves while nothing can be loaded, from when it was loaded. */
  staleMs: number;
}

/** A value from the database, read by one query at a time, that goes on serving for a while when the database is away. */
export class VouchedValue<T> {
  private loaded: { value: T; at: number } | null = null;
  private failed: { error: unknown; at: number } | null = null;
  private loading: Promise<T> | null = null;

  constructor(private readonly options: VouchedValueOptions<T>) {}

  /** @throws what loading threw, when the last value is too old to serve */
  async get(): Promise<T> {
    const now = performance.now();
    if (this.loaded && now - this.loaded.at < this.options.freshMs) return this.loaded.value;
    try {
      if (this.failed && now - this.failed.at < pauseAfterFailureMs) throw this.failed.error;
      this.loading ??= this.load().finally(() => {
        this.loading = null;
      });
      return await this.loading;
    } catch (error) {
      if (this.loaded && now - this.loaded.at < this.options.staleMs) return this.loaded.value;
      throw error;
    }
  }

  private async load(): Promise<T> {
    // What the query finds may be as old as its start.
    const at = performance.now();
    try {
      const value = await within(this.loaded ? deadlineMs : firstDeadlineMs, this.options.load());
      this.loaded = { value, at };
      this.failed = null;
      return value;
    } catch (error) {
      this.failed = { error, at: performance.now() };
      throw error;
    }
  }
}
