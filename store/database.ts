import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Schema } from './schema.js';

export type Database = Kysely<Schema>;

export interface DatabaseOptions {
  /** Shown in pg_stat_activity. */
  name: string;
  maxConnections: number;
  /** Told when an idle connection breaks, as when the server restarts; the pool recovers by itself. */
  onConnectionLost(error: Error): void;
  /** Told whenever the database has answered a query. */
  onAnswer?(): void;
}

/**
 * Opens no connection yet. A query that finds no server fails within 3 s (connecting) or 10 s (a frozen server). A
 * request or an attempt then ends rather than hangs.
 */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.name,
    max: options.maxConnections,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 10_000,
    query_timeout: 11_000,
    idleTimeoutMillis: 60_000,
  });
  // Without listeners a lost connection ends the process. The pool listens to idle connections only. One in the
  // middle of a transaction is silent between its queries.
  pool.on('error', options.onConnectionLost);
  pool.on('connect', (client) => client.on('error', options.onConnectionLost));
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool }),
    log: ({ level }) => {
      if (level === 'query') options.onAnswer?.();
    },
  });
}
