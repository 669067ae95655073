import {
  CancellationScope,
  TemporalFailure,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { Turn } from '../../activities/frame/turn.js';
import type { JobSnapshot } from '../../job-types/contract/outcome.js';
import { asCancellation, wasCancelled } from './cancellation.js';
import { showQueued } from './current-details.js';
import { markStatus } from './job-status.js';
import { turnSignal } from './messages.js';
import { framePolicies } from './policies.js';

/**
 * Waits until the job holds its concurrency key: first in, first out, over all jobs of its owner and type. One that
 * was let through when it was submitted asks as well. Its start may have come so late that others have gone on
 * without it.
 */
export async function waitForTurn(snapshot: JobSnapshot, turn: Turn): Promise<void> {
  let lookNow = (): void => undefined;
  setHandler(turnSignal, () => lookNow());
  if (await takeAtOnce(turn)) return;
  showQueued(snapshot, turn.key);
  markStatus('queued');
  const { awaitTurn } = proxyActivities<FrameActivities>({
    ...framePolicies.turn,
    summary: `Wait for the turn of "${turn.key}"`,
  });
  for (let held = false; !held;) {
    // The pause until the next look can only be cut short by a new beginning.
    const look = new CancellationScope();
    lookNow = () => look.cancel();
    try {
      await look.run(() => awaitTurn(turn));
      held = true;
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      if (CancellationScope.current().consideredCancelled) throw asCancellation(error);
    }
  }
  markStatus(null);
}

async function takeAtOnce(turn: Turn): Promise<boolean> {
  const { takeTurn } = proxyLocalActivities<FrameActivities>({
    ...framePolicies.atOnce,
    summary: `Is it the turn of "${turn.key}"?`,
  });
  try {
    return await takeTurn(turn);
  } catch (error) {
    // What a local activity throws arrives bare. The ordinary one asks with patience.
    if (!(error instanceof TemporalFailure)) throw error;
    return false;
  }
}
