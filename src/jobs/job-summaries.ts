import { Injectable, Logger } from '@nestjs/common';
import { z } from 'zod';
import { jobTypeNamed } from '../../job-types/index.js';
import { Job, JobStatus, type Usage } from '../../job-types/contract/job.js';
import type { Glance } from '../../store/glances.js';
import { Store } from '../database/store.js';
import { percentOf } from '../reading/percent.js';
import { sentenceOf } from '../reading/status.js';
import type { ListedRun } from './listed-run.js';

export const JobSummary = z
  .object({
    id: z.string(),
    type: z.string(),
    status: JobStatus,
    done: z.boolean(),
    subject: z.string().nullable().meta({ description: 'A few words that tell it from others of its type' }),
    tags: z.array(z.string()),
    createdAt: z.iso.datetime(),
    finishedAt: z.iso.datetime().nullable(),
    step: z.string().nullable().meta({ description: 'The current or the last one; null before the first' }),
    progress: z
      .object({ percent: z.int().min(0).max(100), message: z.string() })
      .nullable()
      .meta({ description: 'As far as the event log tells' }),
    usage: Job.shape.usage.meta({ description: 'The sum of its model calls' }),
    links: z.object({ self: z.string() }),
  })
  .meta({
    id: 'JobSummary',
    description:
      'A job in a list; open ones all read "running", or "waiting". Subject, step, progress and usage are null while the database is away',
  });
type JobSummary = z.infer<typeof JobSummary>;

/** What the database adds to a page of the list. */
interface Details {
  glances: ReadonlyMap<string, Glance>;
  usages: ReadonlyMap<string, Usage>;
}

/** How much longer a page takes when the database is silent. */
const patienceMs = 500;

const noDetails: Details = { glances: new Map(), usages: new Map() };

/** Joins to what visibility lists what the database knows of the same jobs. A database that is away costs no entry. */
@Injectable()
export class JobSummaries {
  private readonly logger = new Logger('jobs');

  constructor(private readonly store: Store) {}

  async of(runs: readonly ListedRun[]): Promise<JobSummary[]> {
    const details = await this.store
      .soon(patienceMs, this.details(runs.map(({ id }) => id)))
      .catch((error: unknown) => {
        this.logger.warn(`a list goes without details: ${String(error)}`);
        return noDetails;
      });
    return runs.map((run) => toSummary(run, details));
  }

  /** One query for each kind of detail, however many jobs there are. */
  private async details(ids: readonly string[]): Promise<Details> {
    const [glances, usages] = await Promise.all([
      this.store.glances.of(ids),
      this.store.modelCalls.sums(ids),
    ]);
    return { glances, usages };
  }
}

function toSummary({ tags, ...run }: ListedRun, { glances, usages }: Details): JobSummary {
  const { id } = run;
  const glance = glances.get(id);
  return {
    ...run,
    subject: glance?.subject ?? null,
    tags,
    step: glance?.last?.step ?? null,
    progress: glance ? toProgress(run, glance) : null,
    usage: usages.get(id) ?? null,
    links: { self: `/v1/jobs/${id}` },
  };
}

function toProgress(
  { type, status }: Pick<ListedRun, 'type' | 'status'>,
  { last, progress, succeeded }: Glance,
): JobSummary['progress'] {
  const steps = jobTypeNamed(type)?.steps ?? [];
  const inStep = status === 'running' && last !== null && last.type !== 'step.succeeded';
  // A run of which nothing was told yet reads "running" in the list, and is not.
  const told = status === 'running' && last === null ? 'queued' : status;
  const title = inStep ? (steps.find(({ name }) => name === last.step)?.title ?? last.step) : null;
  return {
    percent: percentOf(status, { steps: steps.length, succeeded, within: [progress] }),
    message: (inStep && progress?.message) || (title ?? sentenceOf(told)),
  };
}
