import { expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import pg from 'pg';
import { temporalAddress } from '../harness/addresses.js';
import { testDatabase } from '../harness/database.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { searchAttributes } from '../../src/temporal/namespace.js';

failOnLeftovers();

it('gives every test file an empty database that is gone afterwards', async () => {
  const database = await testDatabase();
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query("select count(*)::int as n from pg_tables where schemaname = 'public'");
  expect(rows).toEqual([{ n: 0 }]);
  await client.end();
  await database.drop();
  const again = new pg.Client({ connectionString: database.url });
  await expect(again.connect()).rejects.toMatchObject({ code: '3D000' });
});

it('gives a Temporal namespace with the search attributes of a job and thirty days of retention', async () => {
  const connection = await Connection.connect({ address: temporalAddress() });
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: 'default',
    });
    expect(Object.keys(customAttributes)).toEqual(
      expect.arrayContaining(searchAttributes.map(({ name }) => name)),
    );
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 24 * 60 * 60);
  } finally {
    await connection.close();
  }
});
