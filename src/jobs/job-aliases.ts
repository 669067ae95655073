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

  /**
   * From now on its name stands for this job, unless it stands for one that was started since.
   * @returns whether the name is what it should be, which it is not while the database is away
   */
  async point({ jobId: id, type, createdAt, memo: { owner, alias: name } }: Named): Promise<boolean> {
    if (name === undefined) return true;
    const pointing = this.store.aliases.point({ owner, system: type, name }, { id, createdAt });
    try {
      await this.store.soon(databasePatienceMs, pointing);
      return true;
    } catch (error) {
      this.logger.warn(`${id} is not found by "${name}" until it is asked for again: ${String(error)}`);
      return false;
    }
  }

  /** Null for a name that stands for no job. */
  async latest({ owner, type, name }: AliasOf): Promise<Job | null> {
    const jobId = await this.store.aliases.find({ owner, system: type, name });
    const found = jobId === null ? null : await this.reader.find(jobId);
    return found?.job.owner === owner ? found.job : null;
  }
}
