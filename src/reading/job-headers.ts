import { createHash } from 'node:crypto';
import { canonicalJson } from '../../job-types/contract/canonical-json.js';
import { type Job, isFinal } from '../../job-types/contract/job.js';

const shortest = 1;
const longest = 60;

const etags = new WeakMap<Job, string>();

/** Changes when the visible job does; where the answer came from and the order of fields are not part of the job. Many are given the same job. */
export function etagOf(job: Job): string {
  const known = etags.get(job);
  if (known !== undefined) return known;
  const { source: _, ...progress } = job.progress;
  const hash = createHash('sha256').update(canonicalJson({ ...job, progress }));
  const etag = `"${hash.digest('base64url').slice(0, 27)}"`;
  etags.set(job, etag);
  return etag;
}

/** Whether an If-None-Match header names this entity (weak comparison, RFC 9110). */
export function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((one) => one.trim() === '*' || one.trim().replace(/^W\//, '') === etag);
}

/** Seconds after which a poll is likely to see something new; null when the job is final. */
export function retryAfter(job: Job, now = Date.now()): number | null {
  if (isFinal(job.status)) return null;
  const retries = job.steps.flatMap(({ nextRetryAt }) => (nextRetryAt ? [Date.parse(nextRetryAt)] : []));
  const next = retries.length > 0 ? Math.ceil((Math.min(...retries) - now) / 1000) : usual(job);
  return Math.min(Math.max(next, shortest), longest);
}

const usual = (job: Job): number =>
  job.stalled || job.status === 'waiting' || job.status === 'scheduled' ? 5 : 1;
