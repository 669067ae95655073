import { proxyActivities } from '@temporalio/workflow';
import type { bareActivities } from './bare-worker.js';

const { first, second, third } = proxyActivities<typeof bareActivities>({
  startToCloseTimeout: '1 minute',
});

/** What the SDK alone costs: three activities that do nothing, one after the other. */
export async function threeEmptySteps(_payload: unknown): Promise<void> {
  await first();
  await second();
  await third();
}
