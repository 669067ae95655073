import type { ArchivedJob } from '../job-types/contract/outcome.js';
import type { Concurrency, IsOpen } from './concurrency.js';
import { type About, type Events, type NewEvent, stateKey } from './events.js';
import type { Outcomes } from './outcomes.js';
import type { Places } from './places.js';
import { rootOf } from './receipts.js';

/** A job that is over, as the one who sees it knows it. */
export interface JobEnd {
  jobId: string;
  runId: string;
  job: ArchivedJob;
  /** Whether the archive tells this end already, and with it all that has to happen before. */
  archived: boolean;
  /** Whether Temporal has closed the run. Before, the end is decided, and may still be overtaken from outside. */
  closed: boolean;
}

export interface JobOverDependencies {
  outcomes: Pick<Outcomes, 'put'>;
  events: Pick<Events, 'append'>;
  concurrency: Pick<Concurrency, 'release'>;
  places: Pick<Places, 'nextOf'>;
  isOpen: IsOpen;
  /** Tells a job that queues that its turn may have come. */
  callTurn(jobId: string): Promise<void>;
  /** Wakes those who watch the job or its owner's feed, or wait for the job. */
  announce(jobId: string, owner: string): Promise<void> | void;
}

/**
 * All that happens when a job is over. The last step of its workflow calls it when the outcome is decided. Whoever sees
 * to closed runs (src/ends) calls it when Temporal has closed the run. Harmless to repeat, and to do in several processes.
 */
export function createJobOver({
  outcomes,
  events,
  concurrency,
  places,
  isOpen,
  callTurn,
  announce,
}: JobOverDependencies) {
  const handKeyOn = async ({ jobId, job: { type, owner, memo } }: JobEnd): Promise<void> => {
    const key = memo['concurrencyKey'];
    if (typeof key !== 'string') return;
    const next = await concurrency.release({ owner, type, key, jobId }, isOpen);
    if (next !== null) await callTurn(next);
  };

  const archive = async ({ jobId, runId, job, closed }: JobEnd): Promise<void> => {
    const { type, owner, outcome } = job;
    const { status, finishedAt, failure } = outcome;
    // A run that was ended from outside has not told how it ended; its log comes to the end without.
    const told: NewEvent[] = closed
      ? []
      : [
          {
            key: stateKey(runId, status),
            type: `job.${status}`,
            time: finishedAt,
            data: { failure },
            about: aboutOf(job),
          },
        ];
    const recording = closed ? { told, fromOutside: { rootJobId: rootOf(jobId) } } : { told };
    await outcomes.put({ jobId, runId, type, owner, status, job, finishedAt }, recording);
  };

  /** Its own place it has given up with its archive. Whoever is not reached looks again within 15 s. */
  const callNext = async ({ owner, type: kind }: ArchivedJob): Promise<void> => {
    const next = await places.nextOf({ owner, kind });
    await Promise.allSettled(next.map((id) => callTurn(id)));
  };

  return async (end: JobEnd): Promise<void> => {
    const { jobId, job, archived, closed } = end;
    if (!archived) {
      await handKeyOn(end);
      // The archive comes last: whoever dies before it leaves no archive, and all of this is done again.
      await archive(end);
      await callNext(job);
    }
    if (closed) await events.append(jobId, [lastEvent(end)]);
    await announce(jobId, job.owner);
  };
}

/** Seals the log: it takes one `end`, and nothing after it. Who sees it can rely on the job being final. */
const lastEvent = ({ runId, job }: JobEnd): NewEvent => ({
  key: 'end',
  run: runId,
  type: 'end',
  time: job.outcome.finishedAt,
  data: { status: job.outcome.status, failureCode: job.outcome.failure?.code ?? null },
  about: aboutOf(job),
});

/** What the memo of the start says; one from before it said so has no subject. */
function aboutOf({ owner, type, memo }: ArchivedJob): About {
  const { subject, tags } = memo as Partial<Pick<About, 'subject' | 'tags'>>;
  return { owner, type, ...(subject === undefined ? {} : { subject }), ...(tags ? { tags } : {}) };
}

export type JobOver = ReturnType<typeof createJobOver>;
