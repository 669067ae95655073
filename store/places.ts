import { sql } from 'kysely';
import type { Database } from './database.js';

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
});

export type Places = ReturnType<typeof createPlaces>;
