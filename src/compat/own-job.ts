import type { Job } from '../../job-types/contract/job.js';
import type { JobReader } from '../reading/job-reader.js';

/** The job behind the id of a task; null for one that is not there, or is another owner's. */
export async function ownJob(
  reader: JobReader,
  { id, owner }: { id: string; owner: string },
): Promise<Job | null> {
  const found = await reader.find(id);
  return found?.job.owner === owner ? found.job : null;
}

/** A sentence for a person, also where nothing went wrong and somebody stopped the job. */
export const whyFailed = ({ failure, progress }: Job): string => failure?.detail ?? progress.message;
