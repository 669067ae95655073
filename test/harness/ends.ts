import type { Job } from '../../job-types/contract/job.js';
import type { House } from './house.js';
import { until } from './until.js';

/** How a job ended, as each of those who say so says it. */
export interface Ends {
  api: string;
  temporal: string;
  archive: string;
  /** Rows in the vocabulary that this job brought. */
  savedWords: number;
}

/**
 * Waits until the job is final, and archived by its own last step or by whoever ended it. Temporal's word comes from
 * `describe`, the archive's from its table.
 */
export async function endsOf(house: House, id: string, limitMs?: number): Promise<Ends & { job: Job }> {
  const job = await house.jobWhen(id, 'the job is done', ({ done }) => done, limitMs);
  const archived = () =>
    house.db.selectFrom('outcomes').select('status').where('job_id', '=', id).executeTakeFirst();
  const [{ status }, outcome, words] = await Promise.all([
    house.temporal.workflow.getHandle(id).describe(),
    until(archived, { what: `${id} is archived` }),
    house.db.selectFrom('words').select('id').where('job_id', '=', id).execute(),
  ]);
  return {
    job,
    api: job.status,
    temporal: status.name,
    archive: outcome.status,
    savedWords: words.length,
  };
}

/** The same end, told by everybody; words are there exactly when the job succeeded. */
export const unanimous = {
  succeeded: (savedWords: number): Ends => ({
    api: 'succeeded',
    temporal: 'COMPLETED',
    archive: 'succeeded',
    savedWords,
  }),
  failed: { api: 'failed', temporal: 'FAILED', archive: 'failed', savedWords: 0 },
  cancelled: { api: 'cancelled', temporal: 'CANCELLED', archive: 'cancelled', savedWords: 0 },
} as const;

export const stepOf = (job: Job, name: string): Job['steps'][number] => {
  const step = job.steps.find((one) => one.name === name);
  if (!step) throw new Error(`the job ${job.id} has no step ${name}`);
  return step;
};
