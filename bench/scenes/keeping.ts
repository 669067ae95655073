import pg from 'pg';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig } from '../rig.js';

const rounds = 100;
const channel = 'bench_kept';

/** From the last byte of a model's answer until it is committed: a worker killed after that has not lost it. */
export async function keeping(rig: Rig): Promise<Measure[]> {
  const client = new pg.Client({ connectionString: rig.databaseUrl });
  await client.connect();
  try {
    // PostgreSQL tells of a row when the transaction that wrote it has committed, and not before.
    await client.query(`
      create or replace function bench_kept() returns trigger language plpgsql as
      'begin perform pg_notify(''${channel}'', new.job_id); return new; end'`);
    await client.query(`
      create or replace trigger bench_kept after insert on kept_answers for each row execute function bench_kept()`);
    await client.query(`listen ${channel}`);
    const committed = new Map<string, number>();
    client.on('notification', ({ payload = '' }) => {
      committed.set(payload, performance.timeOrigin + performance.now());
    });
    await kept(rig, committed);
    const delays: number[] = [];
    while (delays.length < rounds) delays.push(await kept(rig, committed));
    return [
      {
        name: "from the last byte of a model's answer to its commit, p50",
        value: quantile(delays, 0.5),
        unit: 'ms',
        goal: { atMost: 5 },
        detail: `${rounds} jobs one at a time, p99 ${short(quantile(delays, 0.99))} ms`,
      },
    ];
  } finally {
    await client.query('drop function if exists bench_kept cascade');
    await client.end();
  }
}

async function kept(rig: Rig, committed: ReadonlyMap<string, number>): Promise<number> {
  const { id } = await rig.api.client.submit(rig.input);
  await rig.temporal.workflow.getHandle(id).result();
  const call = rig.models.calls.findLast(({ requestId }) => requestId?.startsWith(`${id}/`));
  const at = committed.get(id);
  if (!call?.finishedAt || at === undefined) throw new Error(`The answer of ${id} was not kept.`);
  return at - call.finishedAt;
}
