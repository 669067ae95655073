import type { FastifyReply } from 'fastify';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { isTemporalUnavailable } from '../temporal/temporal-client.js';
import { retryAfter } from './job-headers.js';
import type { JobWatch } from './job-watch.js';
import { preferredWait } from './prefer.js';

export interface Asked {
  watch: JobWatch;
  owner: string;
  /** The header `Prefer`. */
  preferences: string | string[] | undefined;
  reply: FastifyReply;
}

/**
 * Answers something that was done to a job: 202 and when to ask again, or 200 when the job has ended. A client may say
 * how long it would wait for that. It is done, so an outage while the client waits costs the wait, not the answer.
 */
export async function inTime(job: Job, { watch, owner, preferences, reply }: Asked): Promise<Job> {
  const seconds = preferredWait(preferences);
  if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`);
  void reply.header('location', job.links.self);
  const now = seconds > 0 ? await endedSoon(job, { watch, owner, seconds }) : job;
  const after = retryAfter(now);
  void reply.status(after === null ? 200 : 202);
  if (after !== null) void reply.header('retry-after', String(after));
  return now;
}

/** The job at its end, or as it is when the time (seconds) is up, or as it was when the house went away meanwhile. */
export const endedSoon = (
  job: Job,
  { watch, owner, seconds }: Pick<Asked, 'watch' | 'owner'> & { seconds: number },
): Promise<Job> =>
  watch.until(job.id, { owner, seconds, wanted: ({ status }) => isFinal(status) }).catch(orAsItWas(job));

const orAsItWas = (job: Job) => (error: unknown) => {
  if (isTemporalUnavailable(error) || isDatabaseUnavailable(error)) return job;
  throw error;
};
