import { LRUCache } from 'lru-cache';
import type { Job } from '../../job-types/contract/job.js';
import type { Held } from './fact-finder.js';
import type { Facts } from './facts.js';
import type { Age } from './freshness.js';
import type { Furthest } from './furthest.js';
import { keep } from './keep.js';
import type { Run } from './run.js';
import type { SnapshotQuery } from './snapshot-query.js';

/** What is kept of jobs that were asked about: so many of them, and so many bytes, as they are reckoned here. */
export const mostEntries = { max: 10_000, maxSize: 64_000_000 };

/** Bytes. What an entry holds besides texts, and what each character of its job takes where it stands more than once. */
const bytes = { entry: 6_000, character: 4 };

/** A job, and what it was made of. */
export interface Answer {
  run: Run;
  facts: Facts;
  job: Job;
}

/** What the reader has of one job. */
export interface Entry extends Age, Held {
  /** What those who poll are given. */
  answer: Promise<Answer> | null;
  /** The read that is under way or was the last; null when it may have been made before a change of ours. */
  loaded: Promise<Answer> | null;
  /** The last that was read, and when; null as `loaded` is. */
  older: { answer: Answer; at: number } | null;
  /** Null until it was read. */
  furthest: Furthest | null;
}

export const newEntry = (query: SnapshotQuery): Entry => ({
  answer: null,
  loaded: null,
  older: null,
  furthest: null,
  readAt: 0,
  status: null,
  whole: false,
  talked: false,
  retelling: false,
  known: null,
  query,
  noticedAt: 0,
  failedAt: null,
});

/** In bytes, for the entry that holds it. */
export const weightOf = ({ job }: Answer): number =>
  bytes.entry + bytes.character * JSON.stringify(job).length;

/** The entries of the jobs that were asked about last. */
export class Entries {
  private readonly kept = new LRUCache<string, Entry>(mostEntries);

  constructor(private readonly query: () => SnapshotQuery) {}

  /** Without counting as a question about it. */
  peek(jobId: string): Entry | undefined {
    return this.kept.peek(jobId);
  }

  of(jobId: string): Entry {
    const known = this.kept.get(jobId);
    if (known) return known;
    const entry = newEntry(this.query());
    keep(this.kept, jobId, { value: entry, weight: 0 });
    return entry;
  }

  all(): Iterable<Entry> {
    return this.kept.values();
  }

  /** The answer, by whose weight the entry is kept from now on. */
  async weighed(entry: Entry, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    const { id } = answer.job;
    if (this.kept.peek(id) === entry) keep(this.kept, id, { value: entry, weight: weightOf(answer) });
    return answer;
  }
}
