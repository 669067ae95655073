import { condition, proxyActivities, setHandler } from '@temporalio/workflow';
import type { Activities } from '../activities/index.js';
import { markStatus } from './job-status.js';
import { turnSignal } from './messages.js';
import { policies } from './policies.js';

/** The signal can be lost with the process that was about to send it. */
const lookAgainAfter = '30 seconds';

/** Waits until the job holds its concurrency key: first in, first out, over all jobs of its owner and type. */
export async function waitForTurn(turn: { owner: string; type: string; key: string }): Promise<void> {
  const { takeTurn } = proxyActivities<Activities>({
    ...policies.turn,
    summary: `Is it the turn of "${turn.key}"?`,
  });
  let called = false;
  setHandler(turnSignal, () => {
    called = true;
  });
  for (let marked = false; ; marked = true) {
    if (await takeTurn(turn)) {
      if (marked) markStatus(null);
      return;
    }
    if (!marked) markStatus('queued');
    await condition(() => called, lookAgainAfter);
    called = false;
  }
}
