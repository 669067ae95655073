import { z } from 'zod';
import { defineJobType } from '../../../job-types/contract/job-type.js';

const Input = z
  .strictObject({
    topic: z.string().min(1).meta({ description: 'Tells the calls and the words of this job from others' }),
    parts: z.int().min(1),
    /** Parts that fail for good when they are written. */
    failing: z.array(z.string()).default([]),
    /** Parts whose model never comes to the end of its answer. */
    hanging: z.array(z.string()).optional(),
    /** Parts that have two seconds to be written. */
    hasty: z.array(z.string()).default([]),
    /** After how many parts another run goes on. */
    perRun: z.int().min(1).default(2),
    /** Asks somebody behind this part, as often as it is listed, in one go. */
    ask: z.array(z.string()).default([]),
    /** The parts are written by `each`, so many side by side. */
    atOnce: z.int().min(0).default(0),
  })
  .meta({ id: 'LoopInput' });

const Result = z
  .object({ texts: z.array(z.string()), answers: z.array(z.string()) })
  .meta({ id: 'LoopResult' });

/** Writes and saves parts, and goes on in another run behind every second one. */
export const loop = defineJobType({
  name: 'loop',
  title: 'Write in parts',
  description: 'For the tests of jobs of several runs.',
  input: Input,
  result: Result,
  answers: { go: z.string().min(1) },
  steps: [
    { name: 'plan', title: 'Plan' },
    { name: 'write', title: 'Write the parts' },
    { name: 'save', title: 'Save the parts' },
    { name: 'tidy', title: 'Tidy up' },
  ],
  subject: ({ topic }) => topic,
  example: { topic: 'lighthouses', parts: 5 },
});
