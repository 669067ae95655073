import { AsyncLocalStorage } from 'node:async_hooks';
import type { PresentBudget } from '../../job-types/contract/budget.js';
import type { Spent } from '../../job-types/contract/outcome.js';

/** What the activity of a stopped step returns in place of its result: a cancel must not race the server by throwing. */
export interface Stopped {
  stopped: true;
  attempt: number;
  text: string | null;
  usage: Spent | null;
}

export interface Progress {
  message?: string;
  done?: number;
  total?: number;
}

/** One attempt of one step, as the code that does the work sees it. */
export interface Step {
  /** The job whose receipts count: the first one, when this job retries another. */
  readonly rootJobId: string;
  readonly jobId: string;
  /** What the job's events, receipts and cancels go by: the first of the runs that continued each other. */
  readonly runId: string;
  /** The run that Temporal has at present, to ask it about. */
  readonly presentRunId: string;
  readonly jobType: string;
  /** Whose job it is, as its tasks say; empty where they do not. */
  readonly owner: string;
  /** The step's name in the job type, "fetch". */
  readonly name: string;
  /** The key of the item, for a step that is done for several. */
  readonly item: string | null;
  /** The id of its activity: "fetch", "write:7" for an item, and "fetch~2" when the frame runs it again. */
  readonly activity: string;
  readonly attempt: number;
  /** What the job may spend; nothing is said of a job without a budget. */
  readonly budget?: PresentBudget | null;
  /** Aborts on cancel, time-out and worker shutdown. Hand it to everything that waits. */
  readonly signal: AbortSignal;
  /** Shown by a status poll within a second or so. */
  progress(progress: Progress): void;
  /** Text the model has just said; batched into the event log. */
  output(delta: string): void;
  /** What the model has just thought aloud. How much it is goes into the event log, and nothing of what it is. */
  reasoning(delta: string): void;
  /** What `output` was given so far is not to be shown: it was no part of the answer. */
  restart(): void;
  /** What a cancelled step leaves behind; the latest call counts. */
  partial(partial: { text?: string; usage?: Spent }): void;
  /** What is returned was left by the job this one retries. */
  noteReused(): void;
}

const current = new AsyncLocalStorage<Step>();

export const runInStep = <T>(step: Step, work: () => Promise<T>): Promise<T> => current.run(step, work);

/** Does a part of what the step is done for: its calls and receipts are kept apart from those of the other parts. */
export function runInPart<T>(part: string, work: () => Promise<T>): Promise<T> {
  const step = currentStep();
  const own = { item: { value: `${step.item ?? ''}/${part}`, enumerable: true } };
  return runInStep(Object.create(step, own) as Step, work);
}

/** Does something as the owner that the workflow has named: tasks that come with the decision to start them name none. */
export function runFor<T>(owner: string, work: () => Promise<T>): Promise<T> {
  const own = { owner: { value: owner, enumerable: true } };
  return runInStep(Object.create(currentStep(), own) as Step, work);
}

/** @throws when called outside an activity that the step interceptor wraps. */
export function currentStep(): Step {
  const step = current.getStore();
  if (!step) throw new Error('currentStep() was called outside an activity');
  return step;
}
