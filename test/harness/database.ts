import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Database, openDatabase } from '../../store/database.js';
import { address } from './addresses.js';

export interface TestDatabase {
  readonly url: string;
  /** Ends whatever is still connected, so that a forgotten pool shows as an error in its own test. */
  drop(): Promise<void>;
}

/** An empty database on the server that all test files share. */
export async function testDatabase(): Promise<TestDatabase> {
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await administer(`create database ${name}`);
  const url = new URL(address('TEST_POSTGRES_URL'));
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => administer(`drop database if exists ${name} with (force)`) };
}

/** Longer than a busy machine stands still. The product gives up sooner, as somebody waits for it. */
const patientMs = 60_000;

/** A pool of the test's own, which waits for a connection and for an answer. */
export const openPatiently = (url: string, maxConnections: number): Database =>
  openDatabase(url, {
    name: 'test',
    maxConnections,
    onConnectionLost: () => undefined,
    statementMs: patientMs,
    patience: (asked) => asked,
  });

export async function administer(statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: address('TEST_POSTGRES_URL') });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
