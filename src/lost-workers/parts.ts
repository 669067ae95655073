import { Store } from '../database/store.js';
import type { Parts } from '../parts.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { LostWorkerWatch } from './lost-worker-watch.js';

/** Nobody waits for these calls, and a server that is busy with the loss of a worker may take its time. */
const callLimitMs = 5_000;

export const lostWorkers: Parts = {
  controllers: [],
  providers: [
    {
      provide: LostWorkerWatch,
      useFactory: ({ attempts }: Store, temporal: TemporalClient) =>
        new LostWorkerWatch({ attempts, call: (work) => temporal.call(work, callLimitMs) }),
      inject: [Store, TemporalClient],
    },
  ],
};
