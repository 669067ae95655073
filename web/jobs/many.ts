import type { Job, JobSummary } from '../../client/index.js';
import { cancel, retry } from '../api/deeds.js';
import { toFailure } from '../api/problem-error.js';
import { jobQuery, queries } from '../api/queries.js';

export type Deed = 'cancel' | 'retry';

/** As much as is known of a job by now: the list says what it was when the list was read. */
const latest = (job: JobSummary): Pick<Job, 'done' | 'status'> =>
  queries.getQueryData<Job>(jobQuery(job.id).queryKey) ?? job;

const fits: Readonly<Record<Deed, (job: JobSummary) => boolean>> = {
  cancel: (job) => !latest(job).done,
  retry: (job) => latest(job).done && latest(job).status !== 'succeeded',
};

/** Of some jobs, those that can be cancelled, or retried. */
export const fitting = (jobs: readonly JobSummary[], deed: Deed): JobSummary[] => jobs.filter(fits[deed]);

const deeds = { cancel, retry } as const;

/** Requests under way at once: the API has others to serve. */
const atOnce = 4;

export interface Outcome {
  done: number;
  refused: { job: JobSummary; why: string }[];
}

/** Does it to each, whatever becomes of the others. Cancel and retry change nothing when they are said twice. */
export async function doToMany(
  jobs: readonly JobSummary[],
  { deed, onDone }: { deed: Deed; onDone(done: number): void },
): Promise<Outcome> {
  const outcome: Outcome = { done: 0, refused: [] };
  const left = [...jobs];
  const work = async () => {
    for (let job = left.shift(); job; job = left.shift()) {
      try {
        await deeds[deed](job.id);
        outcome.done += 1;
        onDone(outcome.done);
      } catch (error) {
        outcome.refused.push({ job, why: toFailure(error).detail });
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcome;
}
