import type { Parts } from '../parts.js';
import { ClosedRunSweep } from './closed-run-sweep.js';
import { JobEnds } from './job-ends.js';
import { Turns } from './turns.js';

export const ends: Parts = {
  controllers: [],
  providers: [Turns, JobEnds, ClosedRunSweep],
};
