import type { Parts } from '../parts.js';
import { Answerer } from './answerer.js';
import { ConcurrencyGate } from './concurrency-gate.js';
import { Copies } from './copies.js';
import { EstimatesController } from './estimates.controller.js';
import { Forker } from './forker.js';
import { ItemsController } from './items.controller.js';
import { JobAliases } from './job-aliases.js';
import { JobLister } from './job-list.js';
import { JobStarter } from './job-starter.js';
import { JobSummaries } from './job-summaries.js';
import { JobTypesController } from './job-types.controller.js';
import { JobsController } from './jobs.controller.js';
import { JobsService } from './jobs.service.js';
import { ModelCheck } from './model-check.js';
import { Needs } from './needs.js';
import { Rerunner } from './rerunner.js';
import { Retrier } from './retrier.js';
import { TokensController } from './tokens.controller.js';

export const jobs: Parts = {
  controllers: [JobTypesController, EstimatesController, JobsController, ItemsController, TokensController],
  providers: [
    ConcurrencyGate,
    JobAliases,
    JobLister,
    JobSummaries,
    JobStarter,
    JobsService,
    ModelCheck,
    Needs,
    Copies,
    Retrier,
    Rerunner,
    Forker,
    Answerer,
  ],
};
