import { type Transaction, sql } from 'kysely';
import type { Database } from './database.js';
import type { Schema } from './schema.js';

export interface PlaceWanted {
  jobId: string;
  owner: string;
  /** What is limited: a job type. */
  kind: string;
  /** Of one lane one job at a time runs, in their order; null for a job that stands alone. */
  lane: string | null;
  /** How many of an owner run at once. */
  most: number;
}

/** Jobs that are told that it may be their turn. If one of them never came to be, the next one is told as well. */
const mostCalled = 2;

/** Rows that are looked at, whether their jobs are there. */
const mostLooked = 20;

/**
 * So many jobs of an owner run at once, and one of a lane. The others queue, first in, first out. A job gives its place up
 * with its end: the archive tells that.
 */
export const createPlaces = (db: Database) => ({
  /** Takes a place in the queue, and the right to run when it is the job's turn. Repeating it is harmless. */
  async take({ jobId, owner, kind, lane, most }: PlaceWanted): Promise<boolean> {
    return db.transaction().execute(async (trx) => {
      await sql`select pg_advisory_xact_lock('places'::regclass::integer, hashtext(${`${owner}\n${kind}`}))`.execute(
        trx,
      );
      await sql`
        delete from places where owner = ${owner} and kind = ${kind} and job_id != ${jobId}
          and exists (select from outcomes where job_id = places.job_id)`.execute(trx);
      await sql`
        insert into places (job_id, owner, kind, lane) values (${jobId}, ${owner}, ${kind}, ${lane})
        on conflict do nothing`.execute(trx);
      const { rows } = await sql<{ held: boolean }>`
        with mine as (select * from places where job_id = ${jobId}),
        ready as (
          select one.job_id, one.position from places as one
          where one.owner = ${owner} and one.kind = ${kind} and not one.held and not exists (
            select from places as before
            where before.owner = one.owner and before.kind = one.kind and before.lane = one.lane
              and before.job_id != one.job_id and (before.held or before.position < one.position)))
        update places set held = true
        where job_id = ${jobId} and (held or (
          exists (select from ready where job_id = ${jobId})
          and (select count(*) from places where owner = ${owner} and kind = ${kind} and held)
            + (select count(*) from ready where position < (select position from mine)) < ${most}))
        returning held`.execute(trx);
      return rows[0]?.held ?? false;
    });
  },

  /** The jobs of an owner and a kind whose turn may have come now that one of them is over. */
  async nextOf({ owner, kind }: Pick<PlaceWanted, 'owner' | 'kind'>): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      with there as (
        select one.* from places as one
        where owner = ${owner} and kind = ${kind}
          and not exists (select from outcomes where job_id = one.job_id))
      select one.job_id as id from there as one
      where not one.held and not exists (
        select from there as before
        where before.lane = one.lane and before.job_id != one.job_id
          and (before.held or before.position < one.position))
      order by one.position limit ${mostCalled}`.execute(db);
    return rows.map(({ id }) => id);
  },

  /** Jobs that have a place before this one and do not run yet. */
  async waitingBefore(jobId: string): Promise<string[]> {
    const { rows } = await sql<{ id: string }>`
      select one.job_id as id from places as one join places as mine using (owner, kind)
      where mine.job_id = ${jobId} and not one.held and one.position < mine.position
      order by one.position limit ${mostLooked}`.execute(db);
    return rows.map(({ id }) => id);
  },

  /** A job that never came to be gives its place up. One that runs keeps it. */
  leave: (jobId: string): Promise<void> => leavePlace(db, jobId),
});

/** Whoever knows the order of jobs before they begin gives them their places in it. */
export async function enterPlace(
  trx: Transaction<Schema>,
  { jobId, owner, kind, lane }: Omit<PlaceWanted, 'most'>,
): Promise<void> {
  await sql`
    insert into places (job_id, owner, kind, lane) values (${jobId}, ${owner}, ${kind}, ${lane})
    on conflict do nothing`.execute(trx);
}

export async function leavePlace(db: Database, jobId: string): Promise<void> {
  await db.deleteFrom('places').where('job_id', '=', jobId).where('held', '=', false).execute();
}

export type Places = ReturnType<typeof createPlaces>;
