import { Injectable } from '@nestjs/common';
import type { ChatReplyResult } from '../../job-types/chat-reply.js';
import type { Job, JobStatus } from '../../job-types/contract/job.js';
import { type Turn, replyId } from '../../store/conversations.js';
import { JobReader } from '../reading/job-reader.js';
import { isTemporalUnavailable } from '../temporal/temporal-client.js';
import type { ConversationMessage } from './views.js';

/** What a reply that nobody has saved is, by its job. */
const byJob: Readonly<Record<JobStatus, ConversationMessage['status']>> = {
  scheduled: 'queued',
  queued: 'queued',
  running: 'writing',
  waiting: 'writing',
  cancelling: 'writing',
  succeeded: 'complete',
  failed: 'failed',
  cancelled: 'stopped',
  terminated: 'stopped',
  timed_out: 'stopped',
};

/** Beyond so many, replies that are not saved are shown as queued. */
const mostAsked = 20;

/** Turns as messages. What is not saved yet, the job of the reply tells. */
@Injectable()
export class MessageViews {
  constructor(private readonly reader: JobReader) {}

  async of(turns: readonly Turn[]): Promise<ConversationMessage[]> {
    const unsaved = turns.filter((turn) => turn.reply_status === null).slice(0, mostAsked);
    const jobs = new Map(
      await Promise.all(unsaved.map(async (turn) => [turn.job_id, await this.jobOf(turn)] as const)),
    );
    return turns.flatMap((turn) => [...messageOf(turn), replyOf(turn, jobs.get(turn.job_id) ?? null)]);
  }

  /** While Temporal is away, what is saved can be read all the same. */
  private async jobOf({ job_id: jobId }: Turn): Promise<Job | null> {
    try {
      return (await this.reader.find(jobId))?.job ?? null;
    } catch (error) {
      if (!isTemporalUnavailable(error)) throw error;
      return null;
    }
  }
}

const asText = (text: string) => ({ content: text, parts: [{ type: 'text' as const, text }] });

function messageOf(turn: Turn): ConversationMessage[] {
  if (turn.message === null) return [];
  return [
    {
      id: turn.message_id,
      role: 'user',
      ...asText(turn.message),
      status: 'sent',
      job: turn.job_id,
      model: null,
      failure: null,
      createdAt: turn.created_at.toISOString(),
    },
  ];
}

function replyOf(turn: Turn, job: Job | null): ConversationMessage {
  const id = replyId(turn.root_job_id);
  const common = { id, role: 'assistant' as const, job: turn.job_id, model: turn.model };
  const createdAt = (turn.replied_at ?? turn.created_at).toISOString();
  if (turn.reply_status !== null) {
    const { reply_status: status, failure } = turn;
    return { ...common, ...asText(turn.reply ?? ''), status, failure, createdAt };
  }
  const status = job ? byJob[job.status] : turn.begun ? 'writing' : 'queued';
  const result = job?.result as ChatReplyResult | null | undefined;
  const text = result?.text ?? job?.output?.text ?? '';
  return { ...common, ...asText(text), status, failure: job?.failure ?? null, createdAt };
}
