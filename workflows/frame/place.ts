import { CancellationScope, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { PlaceAsked } from '../../activities/frame/place.js';
import { asCancellation, wasCancelled } from './cancellation.js';
import { markStatus } from './job-status.js';
import { turnSignal } from './messages.js';
import { framePolicies } from './policies.js';

const activitiesFor = ({ lane }: PlaceAsked) =>
  proxyActivities<FrameActivities>({
    ...framePolicies.turn,
    summary: lane === null ? 'Wait for a place' : `Wait for a place in ${lane}`,
  });

/** Takes a place in the queue, which the job keeps whatever comes before its turn. @returns whether it is its turn */
export async function enterQueue(asked: PlaceAsked): Promise<boolean> {
  try {
    return await activitiesFor(asked).takePlace(asked);
  } catch (error) {
    throw wasCancelled(error) ? asCancellation(error) : error;
  }
}

/** Waits until fewer jobs of its type and owner run than may, and none of its lane that came before it. */
export async function waitForPlace(asked: PlaceAsked): Promise<void> {
  if (await enterQueue(asked)) return;
  let lookNow = (): void => undefined;
  setHandler(turnSignal, () => lookNow());
  markStatus('queued');
  for (let held = false; !held;) {
    // The pause until the next look can only be cut short by a new beginning.
    const look = new CancellationScope();
    lookNow = () => look.cancel();
    try {
      await look.run(() => activitiesFor(asked).awaitPlace(asked));
      held = true;
    } catch (error) {
      if (!wasCancelled(error)) throw error;
      if (CancellationScope.current().consideredCancelled) throw asCancellation(error);
    }
  }
  markStatus(null);
}
