import { randomUUID } from 'node:crypto';
import type { ExtractArticleResult } from '../job-types/extract-article.js';
import { type Rig, wordCount } from './rig.js';

/** What the raw client sends as the only argument: the job's own, so that both sides carry the same bytes. */
export const rawArgs = ({ input }: Pick<Rig, 'input'>): [unknown] => [{ input, owner: 'local' }];

/**
 * A three-step job from its POST to its end, which is watched as the bare workflow's is: by the Temporal client's long
 * poll. @throws when it did not do all its work
 */
export async function ourJob({ api, temporal, input }: Rig): Promise<void> {
  const { id } = await api.client.submit(input);
  const result = (await temporal.workflow.getHandle(id).result()) as ExtractArticleResult;
  const saved = result.newWords + result.updatedWords;
  if (saved !== wordCount) throw new Error(`The job ${id} saved ${saved} words, not ${wordCount}.`);
}

/** The SDK alone: three empty activities. */
export async function bareJob(rig: Rig): Promise<void> {
  await rig.temporal.workflow.execute('threeEmptySteps', {
    workflowId: `bare-${randomUUID()}`,
    taskQueue: rig.taskQueues.bare,
    args: rawArgs(rig),
  });
}
