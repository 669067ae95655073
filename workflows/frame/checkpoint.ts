import { SearchAttributeType, defineSearchAttributeKey } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  makeContinueAsNewFunc,
  workflowInfo,
} from '@temporalio/workflow';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import type { Continued, JobArgs } from './messages.js';
import { isAtWork } from './step-record.js';

/** Half of what Temporal itself suggests, so that what comes between two checkpoints has room. A replay stays short. */
const longHistory = { events: 2_000, bytes: 2_000_000 };

/** Whether the run should be continued by another at its next checkpoint. */
export function isHistoryLong(): boolean {
  const { historyLength, historySize, continueAsNewSuggested } = workflowInfo();
  return continueAsNewSuggested || historyLength > longHistory.events || historySize > longHistory.bytes;
}

/** What a list is filtered by, as `src/temporal/search-attributes.ts` declares it. */
const createdAtKey = defineSearchAttributeKey('JobCreatedAt', SearchAttributeType.DATETIME);

export interface CheckpointOptions {
  /** Continues whatever the history's length is. */
  always?: boolean;
}

/**
 * A place at which the run may be continued by another, which gets the state and begins with it. It costs nothing as long as
 * the history is short. While a step is under way or a person is asked, the job goes on as it is.
 * @throws what the body must not catch
 */
export type Checkpoint<State> = (state: State, options?: CheckpointOptions) => Promise<void>;

export interface CheckpointParts {
  args: JobArgs<unknown>;
  snapshot: JobSnapshot;
  /** What the next run has to know besides the snapshot and the state. */
  rest(): Omit<Continued, 'runId' | 'snapshot' | 'state'>;
}

export function createCheckpoint<State>({ args, snapshot, rest }: CheckpointParts): Checkpoint<State> {
  return async (state, { always = false } = {}) => {
    if (!always && !isHistoryLong()) return;
    // The run to come would know nothing of it.
    if (isAtWork(snapshot) || snapshot.waitingFor.length > 0) return;
    // What was asked of this run is not handed on.
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('cancelled');
    const { runId: own, startTime, memo = {}, typedSearchAttributes } = workflowInfo();
    const runId = args.continued?.runId ?? own;
    const { waitingFor: _, createdAt: said, ...kept } = memo;
    const createdAt = typeof said === 'string' ? said : startTime.toISOString();
    const goOn = makeContinueAsNewFunc<(job: JobArgs<unknown>) => Promise<unknown>>({
      memo: { ...kept, createdAt, continued: { runId, startedAt: snapshot.startedAt } },
      typedSearchAttributes: typedSearchAttributes.updateCopy([
        { key: createdAtKey, value: new Date(createdAt) },
      ]),
    });
    await goOn({ ...args, continued: { ...rest(), runId, snapshot, state } });
  };
}
