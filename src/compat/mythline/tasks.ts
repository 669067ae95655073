import { Injectable, NotFoundException } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import { Store } from '../../database/store.js';
import type { Submitted } from '../../jobs/jobs.service.js';
import { JobReader } from '../../reading/job-reader.js';
import { ownJob } from '../own-job.js';
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

  /** From now on the subject stands for the job that a start came to. */
  async point(subject: string, { job, how }: Submitted): Promise<void> {
    const { aliases } = this.store;
    const alias = { owner: job.owner, system, name: subject };
    await (how === 'started' ? aliases.point(alias, job.id) : aliases.pointBack(alias, job));
  }

  /** @throws {NotFoundException} */
  async task(id: string, owner: string): Promise<Job> {
    return (await ownJob(this.reader, { id, owner })) ?? this.story(id, owner);
  }

  /** The latest job of a subject. @throws {NotFoundException} */
  async story(subject: string, owner: string): Promise<Job> {
    const name = subjectIn(subject, 'Task');
    const named = await this.store.aliases.find({ owner, system, name });
    // One that was submitted elsewhere has no alias, and is known by what it has written.
    const jobId = named ?? (await this.store.stories.find({ owner, subject: name }))?.jobId;
    const job = jobId === undefined ? null : await ownJob(this.reader, { id: jobId, owner });
    if (!job) throw new NotFoundException('Task not found');
    return job;
  }
}
