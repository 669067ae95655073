import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Plan } from '../../../job-types/fields/workbook/plan.js';
import type { ChatJob } from '../../../store/workbook-records.js';

/** What is sent to a client, beside whose it is. */
export interface Frame {
  type: string;
  [field: string]: unknown;
}

const ends: Readonly<Record<string, string>> = {
  cancelled: 'The plan was cancelled.',
  timed_out: 'The plan ran out of time.',
  terminated: 'The plan was ended by force.',
};

/** Turns the events of one job into what that system's clients know. */
export class WorkflowFrames {
  private readonly operations: string[];
  private started = false;
  private over = false;

  constructor(private readonly row: Pick<ChatJob, 'plan' | 'chat' | 'job_id'>) {
    this.operations = ((row.plan ?? []) as Plan).map(({ operation }) => operation);
  }

  /** Each with the conversation, the job and the time of the event. */
  of(event: JobEvent): Frame[] {
    const about = { chat_id: this.row.chat, job_id: this.row.job_id, timestamp: event.time };
    return this.framesOf(event).map((frame) => ({ ...frame, ...about }));
  }

  private framesOf(event: JobEvent): Frame[] {
    if (this.over) return [];
    const [kind = '', what = ''] = event.type.split('.');
    if (event.step === 'run' && event.item !== null) return this.aboutStep(event);
    if (kind !== 'job' && kind !== 'end') return [];
    const status = kind === 'end' ? textOf(event.data['status']) : what;
    return this.aboutEnd(status, event);
  }

  private aboutStep({ type, item, data }: JobEvent): Frame[] {
    const number = Number(item);
    const operation = this.operations[number - 1] ?? '';
    const total = this.operations.length;
    const progress = (percent: number, status: string, message: string): Frame[] => [
      { type: 'progress', step_id: `step-${number}`, operation, progress: percent, status, message },
    ];
    const where = `Step ${number} of ${total}: ${operation}`;
    if (type === 'step.started') return [...this.begin(), ...progress(0, 'running', where)];
    if (type === 'step.succeeded')
      return [...this.begin(), ...progress(100, 'completed', `${where} is done`)];
    if (type === 'step.failed') {
      const failure = data['failure'] as { detail?: string; retryable?: boolean } | undefined;
      const status = failure?.retryable ? 'running' : 'failed';
      return progress(0, status, failure?.detail ?? `${where} failed`);
    }
    if (type !== 'job.progress') return [];
    const [done, all] = [Number(data['done'] ?? 0), Number(data['total'] ?? 0)];
    const percent = all > 0 ? Math.max(0, Math.min(100, Math.round((100 * done) / all))) : 0;
    return progress(percent, 'running', textOf(data['message']) || where);
  }

  private begin(): Frame[] {
    if (this.started) return [];
    this.started = true;
    const message = 'The plan has begun.';
    return [{ type: 'workflow_started', total_steps: this.operations.length, message }];
  }

  private aboutEnd(status: string, { data }: JobEvent): Frame[] {
    if (status === 'succeeded') {
      this.over = true;
      // Another request had declined it.
      if (!this.started) return [];
      const counts = { total_steps: this.operations.length, output_files_count: 1 };
      return [{ type: 'workflow_completed', ...counts, message: 'The plan is done.' }];
    }
    const failure = data['failure'] as { detail?: string } | null | undefined;
    const error = status === 'failed' ? (failure?.detail ?? 'The plan failed.') : ends[status];
    if (error === undefined) return [];
    this.over = true;
    return [{ type: 'workflow_failed', error, message: error }];
  }
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');
