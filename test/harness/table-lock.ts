import pg from 'pg';
import { until } from './until.js';

export interface TableLock {
  /** Somebody waits for it. Who does ends by a time-out of its own if this lasts. */
  holdsSomebody(): Promise<void>;
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
  // The server ends a transaction that is idle for a minute; a busy test may need longer than that.
  await client.query('set local idle_in_transaction_session_timeout = 0');
  await client.query(statement);
  return {
    async holdsSomebody() {
      const held = 'select from pg_locks where not granted and pg_backend_pid() = any(pg_blocking_pids(pid))';
      await until(async () => (await client.query(held)).rowCount !== 0, {
        what: 'somebody waits for the lock',
      });
    },
    // Nothing was written. Unlike a commit, an end cannot fail and hide why a test releases the lock.
    release: () => client.end(),
  };
}
