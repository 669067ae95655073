import { type Context, type Info, log } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInboundCallsInterceptor, Next } from '@temporalio/worker';
import type { EventType } from '../job-types/event.js';
import type { Usage } from '../job-types/job.js';
import { stepOf } from '../job-types/step-of.js';
import type { CancelNotices, Watch } from './cancel-notices.js';
import type { EventWriter } from './event-writer.js';
import { toApplicationFailure } from './classify.js';
import { StepFailure } from './failures.js';
import { type Progress, type Step, type Stopped, runInStep } from './step.js';

/**
 * How often a step with a heartbeat time-out beats. The worker sends at most one a second (its
 * maxHeartbeatThrottleInterval); a short timer keeps the delay of a cancel near that.
 */
const beatMs = 200;
/** The first one would be sent at once: steps that are over within a second are spared it. */
const firstBeatMs = 1_000;

/** What the heartbeat carries: shown by status polls, and remembered by the next attempt. */
export interface HeartbeatDetails extends Progress {
  malformedAnswers?: number;
}

/** A retry is `<root>.r<n>`, and shares the receipts of its root. */
const rootOf = (jobId: string): string => jobId.replace(/\.r\d+$/, '');

/**
 * One place for what every activity needs: the heartbeat timer, the step's context, its events, and the classification
 * of what it throws. A stopped step returns what it had (see `Stopped`); time-outs and shutdowns throw.
 */
export class StepInterceptor implements ActivityInboundCallsInterceptor {
  constructor(
    private readonly context: Context,
    private readonly events: EventWriter,
    private readonly notices: CancelNotices,
  ) {}

  async execute(
    input: ActivityExecuteInput,
    next: Next<ActivityInboundCallsInterceptor, 'execute'>,
  ): Promise<unknown> {
    const { info } = this.context;
    const attempt = new Attempt(this.context, this.events, this.notices);
    try {
      if (info.activityType in framesOwn) await this.letEventsPass(attempt.jobId);
      attempt.event('step.started');
      const result = await runInStep(attempt, () => next(input));
      attempt.event('step.succeeded', attempt.reused ? { reused: true } : {});
      return result;
    } catch (error) {
      if (attempt.signal.aborted) {
        const reason: unknown = attempt.signal.reason;
        if (isStop(reason, info)) return attempt.stopped();
        throw reason;
      }
      const { name: step } = attempt;
      const failure =
        error instanceof ApplicationFailure
          ? error
          : toApplicationFailure(error, { step, attempt: attempt.attempt });
      attempt.event('step.failed', { failure: failure.details?.[0] });
      if (failure.type === 'internal-error') log.error('A step failed unexpectedly', { error });
      throw failure;
    } finally {
      await attempt.end();
    }
  }

  /** The frame's own word about the end must not overtake what the steps said, which a log that has ended would refuse. */
  private async letEventsPass(jobId: string): Promise<void> {
    if (await this.events.flush(jobId)) return;
    throw new StepFailure('storage-unavailable', 'The database has not taken the events of the steps yet.');
  }
}

/** A person's cancel, by Temporal's word or by a notice; as opposed to a time-out, a shutdown or a pause, which the server wants to see thrown. */
const isStop = (reason: unknown, info: Info): boolean =>
  reason instanceof CancelledFailure &&
  reason.message === 'CANCELLED' &&
  info.heartbeatTimeoutMs !== undefined;

/** The step's context, for as long as one attempt lasts. */
class Attempt implements Step {
  readonly jobId: string;
  readonly runId: string;
  readonly rootJobId: string;
  readonly name: string;
  readonly attempt: number;
  readonly signal: AbortSignal;
  malformedAnswers: number;

  private details: HeartbeatDetails = {};
  private left: { text?: string; usage?: Usage } = {};
  private text = '';
  private events = 0;
  private beat: NodeJS.Timeout | null = null;
  private readonly watch: Watch | null;

  constructor(
    private readonly context: Context,
    private readonly writer: EventWriter,
    notices: CancelNotices,
  ) {
    const { info } = context;
    this.jobId = info.workflowExecution?.workflowId ?? '';
    this.runId = info.workflowExecution?.runId ?? '';
    this.rootJobId = rootOf(this.jobId);
    this.name = stepOf(info.activityId);
    this.attempt = info.attempt;
    // Without a heartbeat a step is not to be stopped in the middle: what saves, cleans up or archives.
    this.watch = info.heartbeatTimeoutMs === undefined ? null : notices.watch(this.runId);
    this.signal = this.watch
      ? AbortSignal.any([context.cancellationSignal, this.watch.signal])
      : context.cancellationSignal;
    const before = info.heartbeatDetails as HeartbeatDetails | undefined;
    this.malformedAnswers = before?.malformedAnswers ?? 0;
    this.details.malformedAnswers = this.malformedAnswers;
    if (info.heartbeatTimeoutMs !== undefined) this.beatAfter(firstBeatMs);
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

  readonly partial = (partial: { text?: string; usage?: Usage }): void => {
    this.left = { ...this.left, ...partial };
  };

  reused = false;
  readonly noteReused = (): void => {
    this.reused = true;
  };

  readonly noteMalformedAnswer = (): void => {
    this.malformedAnswers += 1;
    this.details.malformedAnswers = this.malformedAnswers;
    this.context.heartbeat(this.details);
  };

  private beatAfter(waitMs: number): void {
    this.beat = setTimeout(() => {
      this.context.heartbeat(this.details);
      this.beatAfter(beatMs);
    }, waitMs).unref();
  }

  stopped(): Stopped {
    return {
      stopped: true,
      attempt: this.attempt,
      text: this.left.text ?? (this.text || null),
      usage: this.left.usage ?? null,
    };
  }

  /** Steps a person knows beat or leave receipts; archive and settle are the frame's own and not in the log. */
  event(type: EventType, data: Record<string, unknown> = {}): void {
    if (this.context.info.activityType in framesOwn) return;
    this.events += 1;
    const scope = `${this.runId}/${this.context.info.activityId}`;
    this.writer.write(this.jobId, {
      key: `${scope}/${this.attempt}/${this.events}`,
      type,
      time: new Date().toISOString(),
      step: this.name,
      attempt: this.attempt,
      scope,
      data,
    });
  }

  async end(): Promise<void> {
    // Until its last event is in the log the attempt holds its result, and would be taken for dead without a heartbeat.
    if (this.events > 0) await this.writer.flush(this.jobId);
    if (this.beat) clearTimeout(this.beat);
    this.watch?.end();
  }
}

const framesOwn: Readonly<Record<string, true>> = {
  archiveOutcome: true,
  settleStep: true,
  takeTurn: true,
  awaitTurn: true,
};
