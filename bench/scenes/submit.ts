import { randomUUID } from 'node:crypto';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/client';
import { jobOwnerKey, jobTypeKey } from '../../src/temporal/search-attributes.js';
import { rawArgs } from '../jobs.js';
import { p50, repeat } from '../load.js';
import { type Measure, ratio } from '../measure.js';
import { alternate } from '../pairs.js';
import type { Rig } from '../rig.js';

const warmUp = 300;
const blockMs = 1_000;

/** p50 of a submit over that of the start it consists of. Nobody polls the task queue, so that no job gets in the way. */
export async function submit(rig: Rig): Promise<Measure[]> {
  const taskQueue = 'bench-unattended';
  const { client } = await rig.startApi({ TEMPORAL_TASK_QUEUE: taskQueue });
  const post = () => client.submit(rig.input);
  const options = () => ({ workflowId: `raw-${randomUUID()}`, taskQueue, args: rawArgs(rig) });
  const rawStart = () => rig.temporal.workflow.start('extractArticle', options());
  const sameStart = () =>
    rig.temporal.workflow.start('extractArticle', {
      ...options(),
      workflowIdReusePolicy: WorkflowIdReusePolicy.REJECT_DUPLICATE,
      workflowIdConflictPolicy: WorkflowIdConflictPolicy.FAIL,
      memo: { owner: 'local', tags: [], metadata: {} },
      typedSearchAttributes: [
        { key: jobTypeKey, value: 'extractArticle' },
        { key: jobOwnerKey, value: 'local' },
      ],
      priority: { fairnessKey: 'local' },
      staticSummary: `Vocabulary from an article: ${String(rig.input['url'])}`,
    });
  for (const work of [post, rawStart, sameStart]) await repeat(warmUp, work);

  const block = (work: () => Promise<unknown>) => () => p50({ work, blockMs });
  const overRaw = await alternate({ subject: block(post), denominator: block(rawStart) }, { pairs: 9 });
  const overSame = await alternate({ subject: block(post), denominator: block(sameStart) }, { pairs: 7 });
  const names = { unit: 'ms', subject: 'POST' };
  return [
    ratio(overRaw, {
      ...names,
      name: 'submit, p50 over a raw `workflow.start`',
      goal: { atMost: 1.25 },
      denominator: 'start with the same arguments',
    }),
    ratio(overSame, {
      ...names,
      name: 'submit, p50 over the very same start',
      denominator: 'start with memo, search attributes and summary as well',
    }),
  ];
}
