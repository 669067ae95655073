import { expect, it } from '@jest/globals';
import { msToNumber } from '@temporalio/common/lib/time.js';
import { policies } from '../../workflows/policies.js';

/** In minutes. What every step that asks a provider is to outlast. */
const outage = 10;

const minutes = (duration: Parameters<typeof msToNumber>[0]): number => msToNumber(duration) / 60_000;

it.each(['model', 'transcribe'] as const)('a %s step outlasts an outage of ten minutes', (name) => {
  const { startToCloseTimeout, scheduleToCloseTimeout, retry } = policies[name];
  // Nothing but the time ends the attempts.
  expect(retry).not.toHaveProperty('maximumAttempts');
  // It is tried soon after the provider is back, and an attempt that takes all of its time still ends in time.
  const latest = outage + minutes(retry.maximumInterval);
  expect(latest).toBeLessThanOrEqual(outage + 1);
  expect(latest + minutes(startToCloseTimeout)).toBeLessThan(minutes(scheduleToCloseTimeout));
});
