import { expect, it } from '@jest/globals';
import { type Job, JobStatus } from '../../job-types/contract/job.js';
import { toGenerationStatus } from '../../src/compat/ai-assistant/generate-task.js';

/** What the page of that system knows of each state of a job. */
const words: Record<JobStatus, string> = {
  ...{ scheduled: 'pending', queued: 'pending', running: 'processing', waiting: 'processing' },
  ...{ cancelling: 'processing', succeeded: 'completed', failed: 'failed', cancelled: 'failed' },
  ...{ terminated: 'failed', timed_out: 'failed' },
};

it.each(JobStatus.options)(
  'a CV whose job is %s reads in three fields, null where they do not apply',
  (status) => {
    const progress = { message: 'Ended at once by force.' };
    const job = { status, progress, failure: null, result: { markdown: '# Marie' } } as unknown as Job;
    const told = toGenerationStatus(job);
    expect(told).toEqual({
      status: words[status],
      content: words[status] === 'completed' ? '# Marie' : null,
      error: words[status] === 'failed' ? 'Ended at once by force.' : null,
    });
  },
);
