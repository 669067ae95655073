import { type Transaction, sql } from 'kysely';
import type { Schema } from './schema.js';

/** Uploads of an owner that no job was given. */
export interface UnclaimedFiles {
  files: number;
  /** Of those that are whole. */
  bytes: number;
}

/** An owner has as many as are kept. Nothing more is begun or finished. */
export class UnclaimedFull extends Error {
  override name = 'UnclaimedFull';

  constructor(readonly has: UnclaimedFiles) {
    super(`${has.files} files of ${has.bytes} bytes were given to no job`);
  }
}

/**
 * Uploads of the same owner ask one after the other until the transaction ends, so that together they do not go beyond what
 * is kept. Files that are older are about to go.
 * @throws {UnclaimedFull}
 */
export async function refuseMore(
  trx: Transaction<Schema>,
  { owner, most }: { owner: string; most: UnclaimedFiles },
): Promise<void> {
  await sql`select pg_advisory_xact_lock('files'::regclass::integer, hashtext(${owner}))`.execute(trx);
  const { rows } = await sql<UnclaimedFiles>`
    select count(*)::float8 as files, coalesce(sum(size), 0)::float8 as bytes from files
    where owner = ${owner} and made_by is null and not given and touched_at > now() - interval '25 hours'`.execute(
    trx,
  );
  const has = rows[0] ?? { files: 0, bytes: 0 };
  if (has.files >= most.files || has.bytes >= most.bytes) throw new UnclaimedFull(has);
}
