import { sql } from 'kysely';
import type { Database } from '../../store/database.js';

/** As if the job had taken its place under its concurrency key a minute ago, longer than a start may take. */
export async function agePlace(db: Database, jobId: string): Promise<void> {
  await sql`update concurrency_queue set entered_at = entered_at - interval '1 minute'
            where job_id = ${jobId}`.execute(db);
}
