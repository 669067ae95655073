import type { JobEvent } from '../../job-types/contract/event.js';
import type { ToldItems, ToldStep } from '../../store/events.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { StepState } from '../../job-types/contract/outcome.js';
import type { StepStatus } from '../../job-types/contract/job.js';

/** A step as its events tell it: attempts and failures, which the workflow itself does not see. */
export interface LoggedStep {
  name: string;
  status: StepStatus;
  attempt: number | null;
  startedAt: string;
  finishedAt: string | null;
  lastFailure: Failure | null;
  reused: boolean;
  /** Of a step that is done for several. */
  items?: { done: number; failed: number; total: number | null };
}

const statusAfter: Partial<Record<JobEvent['type'], StepStatus>> = {
  'step.started': 'running',
  'step.failed': 'retrying',
  'step.succeeded': 'succeeded',
};

/**
 * The steps as the present run has told them. What a run before it has told, which an operator reset, counts up to where
 * the present one went on.
 */
export function toStepLog(
  events: readonly ToldStep[],
  items: readonly ToldItems[] = [],
): Map<string, LoggedStep> {
  const steps = new Map<string, LoggedStep>();
  for (const event of kept(events)) {
    const status = statusAfter[event.type];
    if (!status || event.step === null) continue;
    const before = steps.get(event.step);
    const failure = event.type === 'step.failed' ? (event.data['failure'] as Failure | undefined) : undefined;
    steps.set(event.step, {
      name: event.step,
      status: failure?.retryable === false ? 'failed' : status,
      attempt: event.attempt,
      startedAt: before?.startedAt ?? event.time,
      finishedAt: status === 'succeeded' || failure?.retryable === false ? event.time : null,
      reused: event.data['reused'] === true,
      lastFailure: failure ?? before?.lastFailure ?? null,
    });
  }
  for (const told of items) steps.set(told.step, itemsOf(told));
  return steps;
}

/** Of a step with items the log does not know how many there are to be. */
function itemsOf({ step: name, done, failed, open, startedAt, lastAt }: ToldItems): LoggedStep {
  const ended = failed > 0 && done === 0 ? 'failed' : 'succeeded';
  return {
    name,
    status: open > 0 ? 'running' : ended,
    attempt: null,
    startedAt,
    finishedAt: open > 0 ? null : lastAt,
    lastFailure: null,
    reused: false,
    items: { done, failed, total: null },
  };
}

/**
 * How many items there are to be is what the workflow once said, and the log does not know. It takes a step between two
 * items for done.
 */
export function withTotals(
  log: ReadonlyMap<string, LoggedStep>,
  known: readonly Pick<StepState, 'name' | 'items'>[],
): Map<string, LoggedStep> {
  const totals = new Map(known.map(({ name, items }) => [name, items?.total ?? null]));
  return new Map(
    [...log].map(([name, { items, ...step }]): [string, LoggedStep] => {
      if (!items) return [name, step];
      const total = items.total ?? totals.get(name) ?? null;
      const counted = { ...step, items: { ...items, total } };
      const over = total === null || items.done + items.failed >= total;
      return [name, over ? counted : { ...counted, status: 'running', finishedAt: null }];
    }),
  );
}

function kept(events: readonly ToldStep[]): readonly ToldStep[] {
  const first = events.find(({ ofRun }) => ofRun)?.step;
  const again = events.findIndex(({ step }) => step === first);
  return events.filter(({ ofRun }, index) => ofRun || index < again);
}
