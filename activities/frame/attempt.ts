import type { Context } from '@temporalio/activity';
import type { OverBudget, PresentBudget } from '../../job-types/contract/budget.js';
import type { EventType } from '../../job-types/contract/event.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import { stepIdOf } from '../../job-types/contract/step-id.js';
import { rootOf } from '../../store/receipts.js';
import type { CancelNotices, Watch } from './cancel-notices.js';
import type { EventWriter } from './event-writer.js';
import type { BudgetReached } from './over-budget.js';
import type { Progress, Step, Stopped } from './step.js';

/**
 * How often a step with a heartbeat time-out beats, from its first second on: shorter ones are spared it. The worker
 * sends the latest of them at every end of its maxHeartbeatThrottleInterval.
 */
const beatMs = 1_000;

export interface AttemptDependencies {
  writer: EventWriter;
  notices: CancelNotices;
  /** Names of the frame's own activities: no steps that a person knows, and not in the log. */
  framesOwn: ReadonlySet<string>;
}

export interface AttemptOptions extends AttemptDependencies {
  /** The run that this one continues, as the frame has said it. */
  continues: string | null;
  /** What the frame says that the job may spend. */
  budget: PresentBudget | null;
  /** Whose job it is, as the frame has said it. */
  owner: string | null;
}

/** The step's context, for as long as one attempt lasts. */
export class Attempt implements Step {
  readonly jobId: string;
  readonly runId: string;
  readonly presentRunId: string;
  readonly rootJobId: string;
  readonly jobType: string;
  readonly owner: string;
  readonly name: string;
  readonly item: string | null;
  readonly activity: string;
  readonly isFramesOwn: boolean;
  readonly attempt: number;
  readonly budget: PresentBudget | null;
  readonly signal: AbortSignal;
  /** Without a heartbeat a step is not to be stopped in the middle: what saves, cleans up or archives. */
  readonly beats: boolean;

  /** What the heartbeat carries, for status polls. */
  private details: Progress = {};
  private left: { text?: string; usage?: Spent } = {};
  private text = '';
  private events = 0;
  private readonly beat: NodeJS.Timeout | null;
  private readonly watch: Watch | null;
  private readonly writer: EventWriter;

  constructor(
    private readonly context: Context,
    { writer, notices, framesOwn, continues, budget, owner }: AttemptOptions,
  ) {
    const { info } = context;
    this.writer = writer;
    this.isFramesOwn = framesOwn.has(info.activityType);
    this.jobId = info.workflowExecution?.workflowId ?? '';
    this.presentRunId = info.workflowExecution?.runId ?? '';
    this.runId = continues ?? this.presentRunId;
    this.rootJobId = rootOf(this.jobId);
    this.jobType = info.workflowType ?? '';
    // Of a run that began before the frame said it, tasks are shared fairly among owners, and most name theirs.
    this.owner = owner ?? info.priority?.fairnessKey ?? '';
    this.activity = info.activityId;
    const { step, item } = stepIdOf(this.activity);
    this.name = step;
    this.item = item;
    this.attempt = info.attempt;
    this.budget = budget;
    // A server that hands out the activity with the decision to start it says 0 where others say nothing.
    this.beats = (info.heartbeatTimeoutMs ?? 0) > 0;
    this.watch = this.beats ? notices.watch(this.runId) : null;
    this.signal = this.watch
      ? AbortSignal.any([context.cancellationSignal, this.watch.signal])
      : context.cancellationSignal;
    this.beat = this.beats ? setInterval(() => this.context.heartbeat(this.details), beatMs).unref() : null;
  }

  // Properties, so that the code that does the work may take them out of the step.
  readonly progress = (progress: Progress): void => {
    this.details = { ...this.details, ...progress };
    if (progress.message) this.event('job.progress', { ...progress });
  };

  readonly output = (delta: string): void => {
    // The log drops it where there is nothing to reset.
    if (this.text === '') this.event('output.reset');
    this.text += delta;
    this.event('output.delta', { text: delta });
  };

  readonly reasoning = (delta: string): void => {
    this.event('output.reasoning', { characters: delta.length });
  };

  readonly restart = (): void => {
    if (this.text === '') return;
    this.text = '';
    this.event('output.reset');
  };

  readonly partial = (partial: { text?: string; usage?: Spent }): void => {
    this.left = { ...this.left, ...partial };
  };

  reused = false;
  readonly noteReused = (): void => {
    this.reused = true;
  };

  stopped(): Stopped {
    return {
      stopped: true,
      attempt: this.attempt,
      text: this.left.text ?? (this.text || null),
      usage: this.left.usage ?? null,
    };
  }

  overBudget({ exceeded, value }: BudgetReached): OverBudget {
    const { attempt, text } = this.stopped();
    return { overBudget: exceeded, attempt, text, value };
  }

  event(type: EventType, data: Record<string, unknown> = {}): void {
    if (this.isFramesOwn) return;
    this.events += 1;
    const scope = `${this.runId}/${this.activity}`;
    this.writer.write(this.jobId, {
      key: `${scope}/${this.attempt}/${this.events}`,
      type,
      time: new Date().toISOString(),
      step: this.name,
      ...(this.item === null ? {} : { item: this.item }),
      attempt: this.attempt,
      scope,
      data,
    });
  }

  async end(): Promise<void> {
    // Until its last event is in the log the attempt holds its result, and would be taken for dead without a heartbeat.
    if (this.events > 0) await this.writer.flush(this.jobId);
    if (this.beat) clearInterval(this.beat);
    this.watch?.end();
  }
}
