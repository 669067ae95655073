import type { House } from './house.js';
import { until } from './until.js';

/** Waits until a worker has begun the step that saves: the workflow itself only knows that it has asked for it. */
export async function saveStarted({ db }: House, jobId: string, step = 'save'): Promise<void> {
  const started = db
    .selectFrom('events')
    .select('seq')
    .where('job_id', '=', jobId)
    .where('step', '=', step)
    .where('type', '=', 'step.started');
  await until(() => started.executeTakeFirst(), {
    what: `a worker begins the step ${step}`,
  });
}
