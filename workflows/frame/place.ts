import { proxyActivities } from '@temporalio/workflow';
import type { FrameActivities } from '../../activities/frame/own.js';
import type { PlaceAsked } from '../../activities/frame/place.js';
import { markStatus } from './job-status.js';
import { framePolicies } from './policies.js';

/** Waits until fewer jobs of its type and owner run than may, and none of its lane that came before it. */
export async function waitForPlace(asked: PlaceAsked): Promise<void> {
  const summary = asked.lane === null ? 'Wait for a place' : `Wait for a place in ${asked.lane}`;
  const { takePlace, awaitPlace } = proxyActivities<FrameActivities>({ ...framePolicies.turn, summary });
  if (await takePlace(asked)) return;
  markStatus('queued');
  await awaitPlace(asked);
  markStatus(null);
}
