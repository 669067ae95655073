import { type DynamicModule, Module } from '@nestjs/common';
import { CONFIG, type Config } from './config.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { JobLister } from './jobs/job-list.js';
import { JobReader } from './jobs/job-reader.js';
import { JobTypesController } from './jobs/job-types.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobsService } from './jobs/jobs.service.js';
import { WordsController } from './library/words.controller.js';
import { ProblemsController } from './problems/problems.controller.js';
import { SamplesController } from './samples/samples.controller.js';
import { Store } from './store.js';
import { TemporalClientModule } from './temporal/temporal-client.module.js';

/** The API process. */
@Module({})
export class ApiModule {
  static with(config: Config): DynamicModule {
    return {
      module: ApiModule,
      global: true,
      imports: [TemporalClientModule],
      controllers: [
        JobTypesController,
        JobsController,
        WordsController,
        ProblemsController,
        HealthController,
        SamplesController,
      ],
      providers: [{ provide: CONFIG, useValue: config }, Store, JobReader, JobLister, JobsService, Readiness],
      exports: [CONFIG],
    };
  }
}
