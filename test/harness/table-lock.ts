import pg from 'pg';

export interface TableLock {
  /** Lets everybody who waits go on. */
  release(): Promise<void>;
}

type Table =
  'words' | 'documents' | 'event_logs' | 'cancellations' | 'concurrency_queue' | 'places' | 'story_segments';

/** Keeps everybody else from writing to a table, so that a test can hold a step at the moment it wants to look at. */
export const lockTable = (databaseUrl: string, table: Table): Promise<TableLock> =>
  lock(databaseUrl, `lock table ${table} in exclusive mode`);

/** Keeps everybody else from reading it, too. */
export const closeTable = (databaseUrl: string, table: Table): Promise<TableLock> =>
  lock(databaseUrl, `lock table ${table} in access exclusive mode`);

/** Holds up whoever takes the same lock, as a trigger of the test does. */
export const lockNumber = (databaseUrl: string, number: number): Promise<TableLock> =>
  lock(databaseUrl, `select pg_advisory_xact_lock(${number})`);

async function lock(databaseUrl: string, statement: string): Promise<TableLock> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // A test may stop the server under a lock, which ends both.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(statement);
  return {
    async release() {
      await client.query('commit');
      await client.end();
    },
  };
}
