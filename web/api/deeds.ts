import {
  answerJob,
  cancelJob,
  forkJob,
  type ForkRequest,
  type Job,
  rerunJob,
  retryJob,
} from '../../client/index.js';
import { ask } from './problem-error.js';
import { jobQuery, queries } from './queries.js';

const seen = (job: Job): Job => {
  queries.setQueryData(jobQuery(job.id).queryKey, job);
  return job;
};

export const cancel = async (id: string): Promise<Job> =>
  seen(await ask(cancelJob({ path: { id }, body: { reason: 'by hand, on the page' } })));

export const retry = async (id: string): Promise<Job> => seen(await ask(retryJob({ path: { id } })));

/** @param key the same for each try of one wish: if the answer was lost, a second try makes no second job */
export const rerun = async (id: string, key: string): Promise<Job> =>
  seen(await ask(rerunJob({ path: { id }, headers: { 'idempotency-key': key } })));

/** @param once.key as for `rerun`; another body needs another one */
export const fork = async (id: string, { key, body }: { key: string; body: ForkRequest }): Promise<Job> =>
  seen(await ask(forkJob({ path: { id }, body, headers: { 'idempotency-key': key } })));

export const answer = async (id: string, wait: { name: string; id: string; value: unknown }): Promise<Job> =>
  seen(await ask(answerJob({ path: { id }, body: wait })));
