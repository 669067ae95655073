import { Injectable, NotFoundException } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import { Store } from '../../database/store.js';
import { JobReader } from '../../reading/job-reader.js';
import { subjectIn } from './subject.js';

/** Whose names these are, in the table of aliases. */
const system = 'mythline';

/** Finds the jobs behind the ids of that system: a job's own id, or the subject of a story. */
@Injectable()
export class MythlineTasks {
  constructor(
    private readonly reader: JobReader,
    private readonly store: Store,
  ) {}

  /** From now on the subject stands for this job. */
  async point(subject: string, { owner, jobId }: { owner: string; jobId: string }): Promise<void> {
    await this.store.aliases.point({ owner, system, name: subject }, jobId);
  }

  /** @throws {NotFoundException} */
  async task(id: string, owner: string): Promise<Job> {
    return (await this.job(id, owner)) ?? this.story(id, owner);
  }

  /** The latest job of a subject. @throws {NotFoundException} */
  async story(subject: string, owner: string): Promise<Job> {
    const name = subjectIn(subject, 'Task');
    const named = await this.store.aliases.find({ owner, system, name });
    // One that was submitted elsewhere has no alias, and is known by what it has written.
    const jobId = named ?? (await this.store.stories.read({ owner, subject: name }))?.jobId;
    const job = jobId === undefined ? null : await this.job(jobId, owner);
    if (!job) throw new NotFoundException('Task not found');
    return job;
  }

  private async job(id: string, owner: string): Promise<Job | null> {
    const found = await this.reader.find(id);
    return found?.job.owner === owner ? found.job : null;
  }
}
