import type { Parts } from '../parts.js';
import { FactFinder } from './fact-finder.js';
import { JobReader } from './job-reader.js';
import { JobWatch } from './job-watch.js';
import { ReadingController } from './reading.controller.js';
import { Runs } from './runs.js';

export const reading: Parts = {
  controllers: [ReadingController],
  providers: [Runs, FactFinder, JobReader, JobWatch],
};
