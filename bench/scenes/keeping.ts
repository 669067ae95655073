import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type Measure, short } from '../measure.js';
import { quantile } from '../pairs.js';
import type { Rig } from '../rig.js';

const rounds = 60;
const channel = 'bench_kept';
const noticeMs = 5_000;

/** A model that speaks for so long, and one that says all of its answer in one piece, which a worker then has to read. */
const speaking = { behaviour: 'slow', options: { durationMs: 500 } } as const;
const atOnce = { behaviour: 'instant', options: {} } as const;

/** From the last byte of a model's answer until it is committed: a worker killed after that has not lost it. */
export async function keeping(rig: Rig): Promise<Measure[]> {
  const client = new pg.Client({ connectionString: rig.databaseUrl });
  const bare = new pg.Client({ connectionString: rig.databaseUrl });
  await Promise.all([client.connect(), bare.connect()]);
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
    const delays = { speaking: [] as number[], atOnce: [] as number[], bare: [] as number[] };
    // The first of each warms up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      delays.speaking.push(await kept(rig, { committed, ...speaking }));
      delays.atOnce.push(await kept(rig, { committed, ...atOnce }));
      delays.bare.push(await insertedBare(bare, committed));
    }
    const measure = (name: string, values: readonly number[], more: Partial<Measure> = {}): Measure => {
      const counted = values.slice(1);
      const value = quantile(counted, 0.5);
      const p99 = short(quantile(counted, 0.99));
      return { name, value, unit: 'ms', detail: `${rounds} one at a time, p99 ${p99} ms`, ...more };
    };
    const from = "from the last byte of a model's answer to its commit, p50";
    return [
      measure(from, delays.speaking, { goal: { atMost: 5 } }),
      measure(`${from}, the answer in one piece`, delays.atOnce),
      measure('a bare insert of such an answer to its commit, p50', delays.bare),
    ];
  } finally {
    await client.query('drop function if exists bench_kept cascade');
    await Promise.all([client.end(), bare.end()]);
  }
}

type Said = (typeof speaking | typeof atOnce) & { committed: ReadonlyMap<string, number> };

async function kept(rig: Rig, { committed, behaviour, options }: Said): Promise<number> {
  rig.models.next(behaviour, options);
  const { id } = await rig.api.client.submit(rig.input);
  await rig.temporal.workflow.getHandle(id).result();
  const call = rig.models.calls.findLast(({ requestId }) => requestId?.startsWith(`${id}/`));
  if (!call?.finishedAt) throw new Error(`The model has not answered ${id}.`);
  return (await committedAt(id, committed)) - call.finishedAt;
}

/** It is told over a connection of its own, and may come later than what was done after the commit. */
async function committedAt(id: string, committed: ReadonlyMap<string, number>): Promise<number> {
  const end = performance.now() + noticeMs;
  for (;;) {
    const at = committed.get(id);
    if (at !== undefined) return at;
    if (performance.now() > end) throw new Error(`PostgreSQL told of no row of ${id}.`);
    await pause(1);
  }
}

/** What no way of keeping an answer can do without. */
async function insertedBare(client: pg.Client, committed: ReadonlyMap<string, number>): Promise<number> {
  const [id, answer] = [randomUUID(), JSON.stringify({ text: 'word '.repeat(1_200) })];
  const before = performance.timeOrigin + performance.now();
  await client.query(
    'insert into kept_answers (call_id, job_id, answer) values ($1::bigint, $2, $3::jsonb)',
    [-Math.floor(Math.random() * 2 ** 52), id, answer],
  );
  await client.query('delete from kept_answers where job_id = $1', [id]);
  return (await committedAt(id, committed)) - before;
}
