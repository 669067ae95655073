import { createHash } from 'node:crypto';
import { type Job, isFinal } from '../../job-types/job.js';

const shortest = 1;
const longest = 60;

/** Changes when the visible job does; where the answer came from is not part of the job. */
export function etagOf(job: Job): string {
  const { source: _, ...progress } = job.progress;
  const hash = createHash('sha256').update(JSON.stringify({ ...job, progress }));
  return `"${hash.digest('base64url').slice(0, 27)}"`;
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
