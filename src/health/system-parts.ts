import { Injectable } from '@nestjs/common';
import type { SystemPart } from '../../job-types/contract/system.js';
import { Store } from '../database/store.js';
import { TemporalClient } from '../temporal/temporal-client.js';
import { within } from '../within.js';
import { Readiness, stateOfWorkers } from './readiness.js';
import { version } from './version.js';

const deadlineMs = 1_000;

/** What the API is one of, and stands on. */
@Injectable()
export class SystemParts {
  private readonly startedAt = new Date().toISOString();

  constructor(
    private readonly readiness: Readiness,
    private readonly store: Store,
    private readonly temporal: TemporalClient,
  ) {}

  async read(): Promise<SystemPart[]> {
    const [{ database, temporal, worker }, databaseVersion, temporalVersion] = await Promise.all([
      this.readiness.check(),
      within(deadlineMs, this.store.version()).catch(() => null),
      this.temporal
        .callWithin(deadlineMs, ({ workflowService }) => workflowService.getSystemInfo({}))
        .then(({ serverVersion }) => serverVersion || null)
        .catch(() => null),
    ]);
    const { states } = this.readiness;
    return [
      { name: 'api', state: 'up', since: this.startedAt, version },
      { name: 'database', state: database, since: states.since('database'), version: databaseVersion },
      { name: 'temporal', state: temporal, since: states.since('temporal'), version: temporalVersion },
      { name: 'workers', state: stateOfWorkers[worker], since: states.since('workers'), version: null },
    ];
  }
}
