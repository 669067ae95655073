import { sql } from 'kysely';
import { openDatabase } from '../../store/database.js';
import { collectedMb, collecting } from '../collected.js';
import { rate } from '../load.js';
import { type Measure, short } from '../measure.js';
import type { Rig } from '../rig.js';

const jobs = 10_000;
const inFlight = 20;
/** The first reads cost what later ones do not. */
const warmUp = 300;

/** What an API process holds of all the jobs it has answered for. */
export async function kept(rig: Rig): Promise<Measure[]> {
  const ids = await endedJobs(rig, warmUp + jobs);
  const api = await rig.startApi(collecting);
  const read = (count: number) => {
    const work = async () => void (await api.client.job(ids.pop() ?? ''));
    return rate({ work, times: count, inFlight });
  };
  await read(warmUp);
  const before = await collectedMb(api);
  await read(jobs);
  const after = await collectedMb(api);
  return [
    {
      name: `memory of the API, ${jobs} jobs read once`,
      value: after - before,
      unit: 'MB',
      goal: { atMost: 100 },
      detail: `resident memory, garbage collected, from ${short(before)} MB to ${short(after)} MB`,
    },
  ];
}

/** As many as if one real job had been done so often, and Temporal had forgotten them all. */
async function endedJobs(rig: Rig, count: number): Promise<string[]> {
  const { id } = await rig.api.client.submit(rig.input);
  await rig.temporal.workflow.getHandle(id).result();
  const db = openDatabase(rig.databaseUrl, {
    name: 'bench',
    maxConnections: 1,
    onConnectionLost: () => undefined,
  });
  try {
    const { rows } = await sql<{ job_id: string }>`
      insert into outcomes (job_id, run_id, type, owner, status, job, finished_at)
      select 'job_' || gen_random_uuid(), gen_random_uuid(), type, owner, status, job, finished_at
      from outcomes, generate_series(1, ${count})
      where job_id = ${id}
      returning job_id`.execute(db);
    if (rows.length !== count) throw new Error(`${rows.length} of ${count} jobs were recorded.`);
    return rows.map(({ job_id }) => job_id);
  } finally {
    await db.destroy();
  }
}
