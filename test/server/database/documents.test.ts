import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Aliases, createAliases } from '../../../store/aliases.js';
import { type Database, openDatabase } from '../../../store/database.js';
import { addVersion, createDocuments, takeBackVersion } from '../../../store/documents.js';
import { migrate } from '../../../store/migrations.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let aliases: Aliases;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.url, { name: 'test', maxConnections: 8, onConnectionLost: () => undefined });
  await migrate(db);
  aliases = createAliases(db);
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

describe('an alias', () => {
  it('stands for the job it was pointed at last, for its owner and system alone', async () => {
    const alias = { owner: randomUUID(), system: 'assistant', name: 'application 42' };
    expect(await aliases.find(alias)).toBeNull();
    const createdAt = new Date().toISOString();
    await aliases.point(alias, { id: 'job_1', createdAt });
    await aliases.point(alias, { id: 'job_2', createdAt });
    expect(await aliases.find(alias)).toBe('job_2');
    expect(await aliases.find({ ...alias, owner: 'other' })).toBeNull();
    expect(await aliases.find({ ...alias, system: 'other' })).toBeNull();
  });

  it('stays with a job that was started since another one was, which is found later', async () => {
    const alias = { owner: randomUUID(), system: 'assistant', name: 'application 42' };
    const times = { job_1: '2026-01-01T00:00:00.000Z', job_2: '2026-01-01T00:00:00.001Z' };
    await aliases.point(alias, { id: 'job_2', createdAt: times.job_2 });
    await aliases.point(alias, { id: 'job_1', createdAt: times.job_1 });
    expect(await aliases.find(alias)).toBe('job_2');
    await aliases.point(alias, { id: 'job_3', createdAt: new Date().toISOString() });
    expect(await aliases.find(alias)).toBe('job_3');
  });
});

describe('a document in the database', () => {
  const text = (applicationId: string, jobId: string) =>
    ({
      owner: 'ann',
      applicationId,
      kind: 'cv',
      title: 'CV',
      markdown: jobId,
      provider: 'rules',
      notes: [],
      jobId,
    }) as const;
  const add = (applicationId: string, jobId: string) =>
    db.transaction().execute((trx) => addVersion(trx, text(applicationId, jobId)));

  it('gets one number after the other, however many write it at once', async () => {
    const applicationId = randomUUID();
    const saved = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((jobId) => add(applicationId, jobId)));
    expect(new Set(saved.map(({ version }) => version))).toEqual(new Set([1, 2, 3, 4, 5]));
    expect(new Set(saved.map(({ documentId }) => documentId)).size).toBe(1);
  });

  it('loses what a job saved when that job saves something else, unless somebody has gone on from it', async () => {
    const documents = createDocuments(db);
    const applicationId = randomUUID();
    const takeBack = () =>
      db
        .transaction()
        .execute((trx) => takeBackVersion(trx, { ...text(applicationId, 'job_2'), rootJobId: 'job_2' }));
    const { documentId: id } = await add(applicationId, 'job_1');
    await add(applicationId, 'job_2.r1');
    await takeBack();
    expect(await documents.read({ id, owner: 'ann' })).toMatchObject({ version: 1, markdown: 'job_1' });
    await add(applicationId, 'job_2');
    await documents.edit({ id, owner: 'ann', markdown: 'mine', by: null });
    await takeBack();
    expect(await documents.read({ id, owner: 'ann' })).toMatchObject({ version: 3, markdown: 'mine' });
    expect(await documents.read({ id, owner: 'ann', version: 2 })).toMatchObject({ jobId: 'job_2' });
  });
});

failOnLeftovers();
