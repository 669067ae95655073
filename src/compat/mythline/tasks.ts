import { Injectable, NotFoundException } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import { createStory } from '../../../job-types/create-story.js';
import { Store } from '../../database/store.js';
import { JobAliases } from '../../jobs/job-aliases.js';
import { JobReader } from '../../reading/job-reader.js';
import { ownJob } from '../own-job.js';
import { subjectIn } from './subject.js';

/** Finds the jobs behind the ids of that system: a job's own id, or the subject of a story. */
@Injectable()
export class MythlineTasks {
  constructor(
    private readonly reader: JobReader,
    private readonly aliases: JobAliases,
    private readonly store: Store,
  ) {}

  /** @throws {NotFoundException} */
  async task(id: string, owner: string): Promise<Job> {
    return (await ownJob(this.reader, { id, owner })) ?? this.story(id, owner);
  }

  /** The latest job of a subject, whoever started it. @throws {NotFoundException} */
  async story(subject: string, owner: string): Promise<Job> {
    const name = subjectIn(subject, 'Task');
    const latest = await this.aliases.latest({ owner, type: createStory.name, name });
    const job = latest ?? (await this.writer({ owner, subject: name }));
    if (!job) throw new NotFoundException('Task not found');
    return job;
  }

  /** The job of a story from before jobs were found by their subjects. */
  private async writer(key: { owner: string; subject: string }): Promise<Job | null> {
    const story = await this.store.stories.find(key);
    return story && ownJob(this.reader, { id: story.jobId, owner: key.owner });
  }
}
