import { randomUUID } from 'node:crypto';
import { freePort } from '../../scripts/local/ports.js';
import { createBenchClient } from '../api-client.js';
import { rawArgs, sameStart } from '../jobs.js';
import { p50, repeat } from '../load.js';
import { type Measure, ratio } from '../measure.js';
import { alternate } from '../pairs.js';
import type { Rig } from '../rig.js';

const warmUp = 300;
const blockMs = 1_000;

/** Nobody polls it, so that no job gets in the way. */
const taskQueue = 'bench-unattended';

/** p50 of a submit over that of a bare controller which makes the same start, and over that of the start alone. */
export async function submit(rig: Rig): Promise<Measure[]> {
  const { client } = await rig.startApi({ TEMPORAL_TASK_QUEUE: taskQueue });
  const bare = await startBareApi(rig);
  const post = () => client.submit(rig.input);
  const barePost = () => bare.submit(rig.input);
  const place = () => ({ workflowId: `raw-${randomUUID()}`, taskQueue });
  const rawStart = () => rig.temporal.workflow.start('extractArticle', { ...place(), args: rawArgs(rig) });
  const wholeStart = () =>
    rig.temporal.workflow.start('extractArticle', { ...place(), ...sameStart(rig.input) });
  try {
    for (const work of [post, barePost, rawStart, wholeStart]) await repeat(warmUp, work);
    const block = (work: () => Promise<unknown>) => () => p50({ work, blockMs });
    const over = (work: () => Promise<unknown>) =>
      alternate({ subject: block(post), denominator: block(work) }, { pairs: 9 });
    const names = { unit: 'ms', subject: 'POST' };
    return [
      ratio(await over(barePost), {
        ...names,
        name: 'submit, p50 over a bare NestJS controller that makes the same start',
        goal: { atMost: 1.15 },
        denominator: 'bare controller',
      }),
      ratio(await over(rawStart), {
        ...names,
        name: 'submit, p50 over a raw `workflow.start`',
        denominator: 'start with the same arguments',
      }),
      ratio(await over(wholeStart), {
        ...names,
        name: 'submit, p50 over the very same start',
        denominator: 'start with memo, search attributes and summary as well',
      }),
    ];
  } finally {
    await bare.close();
  }
}

async function startBareApi(rig: Rig) {
  const port = await freePort();
  await rig.startProgram('bare-api', 'dist/bench/bare-api.js', {
    PORT: String(port),
    TEMPORAL_TASK_QUEUE: taskQueue,
  });
  return createBenchClient(`http://127.0.0.1:${port}`, { connections: 64 });
}
