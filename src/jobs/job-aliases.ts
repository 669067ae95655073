import { Injectable, Logger } from '@nestjs/common';
import type { Job } from '../../job-types/contract/job.js';
import { Store } from '../database/store.js';
import { JobReader } from '../reading/job-reader.js';
import type { Run } from '../reading/run.js';

/** A database that is away must not hold up the answer to a start. */
const databasePatienceMs = 1_000;

type Named = Pick<Run, 'jobId' | 'type' | 'memo' | 'createdAt'>;

/** Whose jobs are meant, and by which name. */
export interface AliasOf {
  owner: string;
  type: string;
  name: string;
}

/** The latest job of what a type names its jobs by: a story's subject, for example. Visibility finds it too, a second late. */
@Injectable()
export class JobAliases {
  private readonly logger = new Logger('jobs');

  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  /** From now on its name stands for this job, which was started just now. */
  point(run: Named): Promise<void> {
    return this.pointing(run, (alias) => this.store.aliases.point(alias, run.jobId));
  }

  /** The same for a job that was found: if another was started since, the name stays with that. */
  pointBack(run: Named): Promise<void> {
    const { jobId: id, createdAt } = run;
    return this.pointing(run, (alias) => this.store.aliases.pointBack(alias, { id, createdAt }));
  }

  /** Null for a name that stands for no job. */
  async latest({ owner, type, name }: AliasOf): Promise<Job | null> {
    const jobId = await this.store.aliases.find({ owner, system: type, name });
    const found = jobId === null ? null : await this.reader.find(jobId);
    return found?.job.owner === owner ? found.job : null;
  }

  private async pointing(
    { jobId, type, memo: { owner, alias } }: Named,
    point: (alias: { owner: string; system: string; name: string }) => Promise<void>,
  ): Promise<void> {
    if (alias === undefined) return;
    try {
      await this.store.soon(databasePatienceMs, point({ owner, system: type, name: alias }));
    } catch (error) {
      this.logger.warn(`${jobId} is not found by "${alias}" until it is started again: ${String(error)}`);
    }
  }
}
