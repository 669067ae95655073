import { randomUUID } from 'node:crypto';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import type { ExtractArticleResult } from '../job-types/extract-article.js';
import { jobOwnerKey, jobTypeKey } from '../src/temporal/search-attributes.js';
import { type Rig, wordCount } from './rig.js';

/** What the raw client sends as the only argument: the job's own, so that both sides carry the same bytes. */
export const rawArgs = ({ input }: Pick<Rig, 'input'>): [unknown] => [{ input, owner: 'local' }];

/** All that the API's start carries, but where it goes. Without it nobody would find a job in the Temporal UI. */
export const sameStart = (input: Readonly<Record<string, unknown>>) => ({
  args: rawArgs({ input }),
  workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
  workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
  memo: { owner: 'local', tags: [], metadata: {}, subject: String(input['url']) },
  typedSearchAttributes: [
    { key: jobTypeKey, value: 'extractArticle' },
    { key: jobOwnerKey, value: 'local' },
  ],
  priority: { fairnessKey: 'local' },
  staticSummary: `Vocabulary from an article: ${String(input['url'])}`,
});

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

/** @param workflow of the bare worker: "threeEmptySteps", or "threeSameSteps", which keep nothing but the words */
export const bareJob =
  (workflow: 'threeEmptySteps' | 'threeSameSteps') =>
  async (rig: Rig): Promise<void> => {
    await rig.temporal.workflow.execute(workflow, {
      workflowId: `bare-${randomUUID()}`,
      taskQueue: rig.taskQueues.bare,
      args: rawArgs(rig),
    });
  };
