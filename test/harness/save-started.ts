import type { House } from './house.js';
import { until } from './until.js';

/** Waits until a worker has begun the save: the workflow itself only knows that it has asked for it. */
export async function saveStarted({ db }: House, jobId: string): Promise<void> {
  const started = db
    .selectFrom('events')
    .select('seq')
    .where('job_id', '=', jobId)
    .where('step', '=', 'save')
    .where('type', '=', 'step.started');
  await until(() => started.executeTakeFirst(), { what: 'a worker begins the save', limitMs: 20_000 });
}
