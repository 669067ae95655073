import { z } from 'zod';
import { defineJobType } from '../../../job-types/contract/job-type.js';

/** Asks several things at once, one of them twice, and then once more. No job type of ours does so yet. */
export const questions = defineJobType({
  name: 'questions',
  title: 'Ask several things',
  description: 'For the tests of waits.',
  input: z.strictObject({}),
  result: z.object({ first: z.string(), second: z.string(), size: z.int(), last: z.string() }),
  answers: { colour: z.string().min(1), size: z.int() },
  steps: [],
  subject: () => 'questions',
  example: {},
});
