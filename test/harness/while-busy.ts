import { setTimeout as pause } from 'node:timers/promises';
import type { Failure } from '../../job-types/contract/failure.js';

/** After each of them it is asked again: a server that stands still for some seconds puts all of them off. In ms. */
const pausesMs = [0, 250, 500, 1_000, 2_000, 4_000];

/** The answer, asked for again while it is 503: a server that is busy with other tests was late, which is not looked at. */
export async function whileBusy<T>(ask: () => Promise<T>, statusOf: (answer: T) => number): Promise<T> {
  for (const pauseMs of pausesMs) {
    const answer = await ask();
    if (statusOf(answer) !== 503) return answer;
    await pause(pauseMs);
  }
  return ask();
}

/** The same where the database is away: what is refused for its sake is not asked for again. */
export const whileTemporalBusy = <T extends { body: unknown }>(ask: () => Promise<T>): Promise<T> =>
  whileBusy(ask, ({ body }) => ((body as Partial<Failure>).code === 'temporal-unavailable' ? 503 : 0));
