import { Injectable } from '@nestjs/common';
import type { Job } from '../../../job-types/contract/job.js';
import type { Plan } from '../../../job-types/fields/workbook/plan.js';
import type { WorkbookChat } from '../../../store/workbook-chats.js';
import type { ChatFile, ChatJob } from '../../../store/workbook-records.js';
import { Store } from '../../database/store.js';
import { JobReader } from '../../reading/job-reader.js';
import { whyFailed } from '../own-job.js';
import { wordOf } from './progress.js';
import { type ChatState, type History, type JobWord, downloadUrl, fileOf } from './views.js';

interface SeenJob {
  row: ChatJob;
  /** Null for one that nobody knows any more. */
  job: Job | null;
}

/** What a conversation tells of itself. */
@Injectable()
export class WorkbookHistory {
  constructor(
    private readonly store: Store,
    private readonly reader: JobReader,
  ) {}

  async of(chat: WorkbookChat, limit: number): Promise<History> {
    const key = { owner: chat.owner, chat: chat.id };
    const [messages, files, rows] = await Promise.all([
      this.store.workbookRecords.messages(key, limit),
      this.store.workbookRecords.files(key),
      this.store.workbookRecords.jobs(key),
    ]);
    const jobs = await Promise.all(rows.slice(-mostJobs).map((row) => this.seen(row)));
    const state = stateOf(chat, jobs);
    return {
      chat_id: chat.id,
      participant_name: chat.participant,
      status: messages.length === 0 ? 'created' : statuses[state],
      state,
      created_at: chat.created_at.toISOString(),
      updated_at: chat.updated_at.toISOString(),
      messages: messages.map(({ number, kind, content, data, created_at: at }) => ({
        message_id: number,
        type: kind,
        content,
        metadata: data as History['messages'][number]['metadata'],
        created_at: at.toISOString(),
      })),
      files: files.map(({ name, size, uploaded, createdAt }) => ({
        ...fileOf(chat.id, name),
        filename: name,
        type: uploaded ? 'uploaded' : 'output',
        size,
        created_at: createdAt.toISOString(),
      })),
      workflow_steps: jobs.flatMap((seen) => stepsOf(seen, files)),
      jobs: jobs.flatMap(({ job }) => (job ? [{ job_id: job.id, status: wordOf(job) }] : [])),
    };
  }

  private async seen(row: ChatJob): Promise<SeenJob> {
    return { row, job: (await this.reader.find(row.job_id))?.job ?? null };
  }
}

/** The newest ones are looked at. */
const mostJobs = 20;

const statuses = {
  idle: 'active',
  awaiting_file: 'active',
  awaiting_confirmation: 'active',
  cancelled: 'active',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
} as const satisfies Record<ChatState, History['status']>;

const states: Readonly<Record<JobWord, ChatState>> = {
  pending: 'processing',
  running: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'cancelled',
};

function stateOf(chat: WorkbookChat, jobs: readonly SeenJob[]): ChatState {
  const waits = jobs.find(({ row }) => row.job_id === chat.pending_job)?.job;
  if (waits && !waits.done) return 'awaiting_confirmation';
  if (chat.request !== null) return 'awaiting_file';
  const last = jobs.findLast(({ row }) => row.confirmed_at !== null)?.job;
  return last ? states[wordOf(last)] : 'idle';
}

/** Of a plan that was confirmed, with what has become of each step so far. */
function stepsOf({ row, job }: SeenJob, files: readonly ChatFile[]): History['workflow_steps'] {
  if (row.confirmed_at === null || !job) return [];
  const word = wordOf(job);
  const run = job.steps.find(({ name }) => name === 'run');
  const done = run?.done ?? 0;
  const made = files.filter(({ jobId }) => jobId === row.job_id);
  return ((row.plan ?? []) as Plan).map(({ operation }, index) => {
    const name = index < done ? (made[index]?.name ?? null) : null;
    const status = index < done ? 'completed' : index > done ? rest[word] : word;
    return {
      job_id: row.job_id,
      step_id: `step-${index + 1}`,
      operation,
      status,
      output_file: name,
      download_url: name === null ? null : downloadUrl(row.chat, name),
      error: index === done && word === 'failed' ? whyFailed(job) : null,
    };
  });
}

/** Of the steps behind the one that the job is at. */
const rest: Readonly<Record<JobWord, string>> = {
  pending: 'pending',
  running: 'pending',
  completed: 'pending',
  failed: 'skipped',
  cancelled: 'skipped',
};
