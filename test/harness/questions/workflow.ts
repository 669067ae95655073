import type { InputOf } from '../../../job-types/contract/job-type.js';
import type { JobArgs } from '../../../workflows/frame/messages.js';
import { runJob } from '../../../workflows/frame/run-job.js';

type Type = typeof import('./type.js').questions;

export const questions = (job: JobArgs<InputOf<Type>>) =>
  runJob<Type>(job, async (_, { ask }) => {
    const within = 600;
    const [first, size, second] = await Promise.all([
      ask('colour', { data: 'the first one', within }),
      ask('size', { data: 'of all', within }),
      ask('colour', { data: 'the second one', within }),
    ]);
    const last = await ask('colour', { data: 'the last one', within });
    return { first, second, size, last };
  });
