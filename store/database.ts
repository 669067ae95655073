import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { type Patience, patientPool } from './patient-pool.js';
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
  /** How long a connection, and then each answer, is waited for; unset: as long as the limits below. */
  patience?: Patience;
  /** Milliseconds after which the server gives a statement up; 10 s when unset. */
  statementMs?: number;
}

/**
 * Opens no connection yet. A query that finds no server fails within 3 s (connecting) or 10 s (a frozen server). A
 * request or an attempt then ends rather than hangs.
 */
export function openDatabase(url: string, options: DatabaseOptions): Database {
  const { patience, statementMs = 10_000 } = options;
  const pool = new pg.Pool({
    connectionString: url,
    application_name: options.name,
    max: options.maxConnections,
    // Who has a patience knows a server that is away; a connection may then be waited for while all are in use.
    connectionTimeoutMillis: patience ? statementMs : 3_000,
    statement_timeout: statementMs,
    query_timeout: statementMs + 1_000,
    idleTimeoutMillis: 60_000,
  });
  // Without listeners a lost connection ends the process. The pool listens to idle connections only. One in the
  // middle of a transaction is silent between its queries.
  pool.on('error', options.onConnectionLost);
  pool.on('connect', (client) => client.on('error', options.onConnectionLost));
  return new Kysely<Schema>({
    dialect: new PostgresDialect({ pool: patience ? patientPool(pool, patience) : pool }),
    log: ({ level }) => {
      if (level === 'query') options.onAnswer?.();
    },
  });
}
