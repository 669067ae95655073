import type { Parts } from '../parts.js';
import { Answerer } from './answerer.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { JobLister } from './job-list.js';
import { JobStarter } from './job-starter.js';
import { JobTypesController } from './job-types.controller.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { Retrier } from './retrier.js';

export const jobs: Parts = {
  controllers: [JobTypesController, JobsController],
  providers: [ConcurrencyGate, JobLister, JobStarter, JobsService, Retrier, Answerer],
};
