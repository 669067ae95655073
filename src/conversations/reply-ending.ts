import { Injectable } from '@nestjs/common';
import { JobEvent } from '../../job-types/contract/event.js';
import { type FinalStatus, finalStatuses } from '../../job-types/contract/job.js';
import type { Failure } from '../../job-types/contract/failure.js';
import { Store } from '../database/store.js';
import { JobReader } from '../reading/job-reader.js';

/** How a reply ended, for those who have seen its words come. */
export type ReplyEnding =
  | { how: 'complete' | 'cut' | 'stopped' }
  /** With a sentence for a person. */
  | { how: 'failed'; why: string };

/** What an event tells of the end of its job; null when it is no end. */
export function endTold(event: JobEvent): { status: FinalStatus; failure: Failure | null } | null {
  const { type, data } = event;
  const status = type === 'end' ? data['status'] : type.replace(/^job\./, '');
  if (!finalStatuses.includes(status as FinalStatus)) return null;
  return { status: status as FinalStatus, failure: (data['failure'] as Failure | null | undefined) ?? null };
}

@Injectable()
export class ReplyEndings {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  /** Of the job whose end was told. Never throws: what is not known is not told. */
  async of(
    jobId: string,
    { status, failure }: NonNullable<ReturnType<typeof endTold>>,
  ): Promise<ReplyEnding> {
    if (status === 'succeeded') {
      const turn = await this.store.conversations.turnOfJob(jobId).catch(() => null);
      return { how: turn?.reply_status === 'cut' ? 'cut' : 'complete' };
    }
    if (status !== 'failed') return { how: 'stopped' };
    const told = failure ?? (await this.reader.find(jobId).catch(() => null))?.job.failure;
    return { how: 'failed', why: told?.detail ?? 'The reply failed.' };
  }
}
