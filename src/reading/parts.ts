import type { Parts } from '../parts.js';
import { JobDetails } from './job-details.js';
import { JobOutcomes } from './job-outcomes.js';
import { JobReader } from './job-reader.js';
import { JobReadings } from './job-readings.js';
import { JobWatch } from './job-watch.js';
import { Runs } from './runs.js';
import { Turns } from './turns.js';

export const reading: Parts = {
  controllers: [],
  providers: [Runs, Turns, JobOutcomes, JobDetails, JobReadings, JobReader, JobWatch],
};
