import { LRUCache } from 'lru-cache';
import { VouchedValue } from './vouched-value.js';

/** What is forgotten beyond that is only read once more. */
const mostKnown = 10_000;

export interface VouchedValuesOptions<T> {
  /** Null: there is none. */
  load: (id: string) => Promise<T | null>;
  freshMs: number;
  staleMs: number;
}

/** Vouched values by their ids. */
export class VouchedValues<T> {
  private readonly known = new LRUCache<string, VouchedValue<T | null>>({ max: mostKnown });

  constructor(private readonly options: VouchedValuesOptions<T>) {}

  /** @throws the error of a database that has been away for too long */
  async find(id: string): Promise<T | null> {
    const known = this.known.get(id) ?? this.unseen(id);
    this.known.set(id, known);
    let found: T | null = null;
    try {
      found = await known.get();
      return found;
    } finally {
      // Made-up ids must not fill the memory, nor a revoked key be remembered as anything.
      if (found === null) this.known.delete(id);
    }
  }

  forget(id: string): void {
    this.known.delete(id);
  }

  private unseen(id: string): VouchedValue<T | null> {
    const { load, freshMs, staleMs } = this.options;
    return new VouchedValue({ load: () => load(id), freshMs, staleMs });
  }
}
