import { expect, it } from '@jest/globals';
import type { Job, StepView } from '../../job-types/contract/job.js';
import { toTaskStatus } from '../../src/compat/mythline/task.js';

const aJob = (status: Job['status'], steps: StepView['status'][]): Job =>
  ({
    status,
    steps: steps.map((one, index) => ({ name: `step ${index}`, status: one })),
    progress: { percent: 50, step: null, stepIndex: null, stepCount: steps.length, message: 'Waits.' },
  }) as Job;

it.each([
  ['waiting', ['succeeded', 'pending'], 2],
  ['cancelling', ['succeeded', 'succeeded'], 2],
  ['waiting', ['succeeded', 'failed', 'pending'], 3],
] as [Job['status'], StepView['status'][], number][])(
  'a task of Mythline that is %s between two steps says where it is: %j',
  (status, steps, step) => {
    expect(toTaskStatus(aJob(status, steps))).toEqual({
      status: 'running',
      progress: 50,
      current_step: 'Waits.',
      step,
      total_steps: steps.length,
    });
  },
);

it('a task of Mythline that has not begun is in no step', () => {
  expect(toTaskStatus(aJob('queued', ['pending', 'pending']))).toEqual({ status: 'running', progress: 50 });
});
