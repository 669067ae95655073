import { type DynamicModule, Module } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import { AuthGuard } from './auth/auth.guard.js';
import { Authenticator } from './auth/authenticator.js';
import { RateLimits } from './auth/rate-limits.js';
import { Canceller } from './cancel/canceller.js';
import { ClosedRunSweep } from './cancel/closed-run-sweep.js';
import { Escalator } from './cancel/escalator.js';
import { VocabularyBuilderController } from './compat/vocabulary-builder.js';
import { CONFIG, type Config } from './config.js';
import { EventFeeds } from './events/event-feeds.js';
import { EventPages } from './events/event-pages.js';
import { EventsController } from './events/events.controller.js';
import { JobEnds } from './events/job-ends.js';
import { Notices } from './events/notices.js';
import { OpenStreams } from './events/open-streams.js';
import { EventSocket } from './events/socket.js';
import { HealthController } from './health/health.controller.js';
import { Readiness } from './health/readiness.js';
import { Answerer } from './jobs/answerer.js';
import { ConcurrencyGate } from './jobs/concurrency-gate.js';
import { JobDetails } from './jobs/job-details.js';
import { JobLister } from './jobs/job-list.js';
import { JobOutcomes } from './jobs/job-outcomes.js';
import { JobReader } from './jobs/job-reader.js';
import { JobReadings } from './jobs/job-readings.js';
import { JobStarter } from './jobs/job-starter.js';
import { JobTypesController } from './jobs/job-types.controller.js';
import { JobsController } from './jobs/jobs.controller.js';
import { JobWatch } from './jobs/job-watch.js';
import { JobsService } from './jobs/jobs.service.js';
import { Replays } from './jobs/replays.js';
import { Retrier } from './jobs/retrier.js';
import { Runs } from './jobs/runs.js';
import { Turns } from './jobs/turns.js';
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
        EventsController,
        WordsController,
        VocabularyBuilderController,
        ProblemsController,
        HealthController,
        SamplesController,
      ],
      providers: [
        { provide: CONFIG, useValue: config },
        Store,
        Authenticator,
        RateLimits,
        { provide: APP_GUARD, useClass: AuthGuard },
        Notices,
        Runs,
        Turns,
        JobOutcomes,
        JobDetails,
        JobReadings,
        JobReader,
        JobLister,
        JobStarter,
        JobWatch,
        ConcurrencyGate,
        Replays,
        JobsService,
        Retrier,
        Answerer,
        Canceller,
        Escalator,
        ClosedRunSweep,
        JobEnds,
        EventFeeds,
        EventPages,
        OpenStreams,
        EventSocket,
        Readiness,
      ],
      exports: [CONFIG, Store],
    };
  }
}
