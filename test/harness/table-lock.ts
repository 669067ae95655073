import pg from 'pg';

export interface TableLock {
  /** Lets everybody who waits go on. */
  release(): Promise<void>;
}

/** Keeps everybody else from writing to a table, so that a test can hold a step at the moment it wants to look at. */
export async function lockTable(
  databaseUrl: string,
  table: 'words' | 'event_logs' | 'cancellations' | 'concurrency_queue',
): Promise<TableLock> {
  const client = new pg.Client({ connectionString: databaseUrl });
  // A test may stop the server under a lock, which ends both.
  client.on('error', () => undefined);
  await client.connect();
  await client.query('begin');
  await client.query(`lock table ${table} in exclusive mode`);
  return {
    async release() {
      await client.query('commit');
      await client.end();
    },
  };
}
