import { CancellationScope, TemporalFailure, proxyLocalActivities } from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { OwnEvent } from '../../activities/frame/log.js';
import { framePolicies } from './policies.js';

/**
 * Tells the job's log what only the frame knows. Events are for watchers: where this does not work at once, the job goes
 * on without.
 * @param key unique in the run
 */
export const logEvent = (key: string, event: Omit<OwnEvent, 'key' | 'time'>): Promise<void> =>
  CancellationScope.nonCancellable(async () => {
    const activities = proxyLocalActivities<FrameActivities>({
      ...framePolicies.atOnce,
      summary: `Log ${event.type}`,
    });
    try {
      await activities.logEvent({ ...event, key, time: new Date().toISOString() });
    } catch (error) {
      // What a local activity throws arrives bare.
      if (!(error instanceof TemporalFailure)) throw error;
    }
  });
