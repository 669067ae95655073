import { proxyActivities } from '@temporalio/workflow';
import type { emptyActivities, sameActivities } from './bare-worker.js';

const { first, second, third } = proxyActivities<typeof emptyActivities>({
  startToCloseTimeout: '1 minute',
});

const { fetchPage, chooseWords, saveWords } = proxyActivities<ReturnType<typeof sameActivities>>({
  startToCloseTimeout: '1 minute',
});

/** What the SDK alone costs: three activities that do nothing, one after the other. */
export async function threeEmptySteps(_payload: unknown): Promise<void> {
  await first();
  await second();
  await third();
}

/** What the work itself costs: our three steps without receipts, events, archive or cancel. */
export async function threeSameSteps({ input }: { input: SameInput }): Promise<number> {
  const text = await fetchPage(input);
  const words = await chooseWords({ ...input, text });
  return saveWords({ ...input, words });
}

export interface SameInput {
  url: string;
  sourceLang: string;
  targetLang: string;
  wordCount: number;
}
