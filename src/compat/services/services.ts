import { jobTypes } from '../../../job-types/index.js';
import type { JobType } from '../../../job-types/contract/job-type.js';
import { directServiceController } from './direct-service.js';
import { ServiceProbesController, pluginControllers } from './discovery.js';
import { inspectAudio } from './inspect-audio.js';
import { jobServiceController } from './job-service.js';

/** Services that are no jobs. */
const direct = [inspectAudio];

const ofJobs = Object.values<JobType>(jobTypes).flatMap((type) =>
  type.service ? [{ type, service: type.service }] : [],
);

const listed = [
  ...ofJobs.map(({ type: { title, description }, service: { rule } }) => ({ rule, title, description })),
  ...direct,
];

/** All that the registry says of services, as routes. */
export const serviceControllers = [
  ...ofJobs.map(({ type, service }) => jobServiceController(type, service)),
  ...direct.map((service) => directServiceController(service)),
  ...pluginControllers(listed),
  ServiceProbesController,
];
