import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Research } from '../../../job-types/fields/research.js';
import { type Aliases, createAliases } from '../../../store/aliases.js';
import type { Database } from '../../../store/database.js';
import { addVersion, createDocuments, takeBackVersion } from '../../../store/documents.js';
import { migrate } from '../../../store/migrations.js';
import { addResearch, createResearch, takeBackResearch } from '../../../store/research.js';
import { type TestDatabase, openPatiently, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let database: TestDatabase;
let db: Database;
let aliases: Aliases;

beforeAll(async () => {
  database = await testDatabase();
  db = openPatiently(database.url, 8);
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
    expect(await documents.read({ id, owner: 'ann' })).toMatchObject({ version: 4, markdown: 'mine' });
    expect(await documents.read({ id, owner: 'ann', version: 3 })).toMatchObject({ jobId: 'job_2' });
    expect(await documents.read({ id, owner: 'ann', version: 2 })).toBeNull();
  });

  it('gives a person who goes on from the version before no number that was taken back', async () => {
    const documents = createDocuments(db);
    const applicationId = randomUUID();
    const { documentId: id } = await add(applicationId, 'job_1');
    await add(applicationId, 'job_2');
    await db
      .transaction()
      .execute((trx) => takeBackVersion(trx, { ...text(applicationId, 'job_2'), rootJobId: 'job_2' }));
    expect(await documents.edit({ id, owner: 'ann', basedOn: 1, markdown: 'mine', by: null })).toEqual({
      version: 3,
    });
    expect(await documents.read({ id, owner: 'ann' })).toMatchObject({ version: 3, markdown: 'mine' });
  });

  it('gives no number twice when jobs take back one version after the other', async () => {
    const applicationId = randomUUID();
    for (const jobId of ['job_1', 'job_2', 'job_3']) await add(applicationId, jobId);
    for (const rootJobId of ['job_3', 'job_2', 'job_1']) {
      await db
        .transaction()
        .execute((trx) => takeBackVersion(trx, { ...text(applicationId, rootJobId), rootJobId }));
    }
    expect(await add(applicationId, 'job_4')).toMatchObject({ version: 4 });
  });

  it('gives no number twice when a version is taken back while others are saved', async () => {
    const applicationId = randomUUID();
    await add(applicationId, 'job_1');
    const taken = [1];
    for (let round = 0; round < 5; round += 1) {
      const mine = await add(applicationId, `job_mine${round}`);
      const [, ...others] = await Promise.all([
        db
          .transaction()
          .execute((trx) =>
            takeBackVersion(trx, { ...text(applicationId, ''), rootJobId: `job_mine${round}` }),
          ),
        add(applicationId, `job_a${round}`),
        add(applicationId, `job_b${round}`),
      ]);
      taken.push(mine.version, ...others.map(({ version }) => version));
    }
    expect(new Set(taken).size).toBe(taken.length);
  });
});

describe('research in the database', () => {
  const key = { owner: 'ann', subject: 'lamps' };
  const content = Research.parse({ title: 'Lamps', setting: { description: '' }, facts: ['They shine.'] });
  const add = (jobId: string, about = key) =>
    db
      .transaction()
      .execute((trx) =>
        addResearch(trx, { ...about, content, sources: [], provider: 'rules', notes: [], jobId }),
      );

  it('gives no number twice, also when a job takes back what it saved', async () => {
    const takeBack = (rootJobId: string) =>
      db.transaction().execute((trx) => takeBackResearch(trx, { ...key, rootJobId }));
    expect(await add('job_1')).toEqual({ version: 1 });
    await takeBack('job_1');
    expect(await createResearch(db).read(key)).toBeNull();
    expect(await add('job_1.r1')).toEqual({ version: 2 });
    expect(await add('job_2')).toEqual({ version: 3 });
    await takeBack('job_1');
    expect(await createResearch(db).read(key)).toMatchObject({ version: 3, latestVersion: 3 });
    await takeBack('job_2');
    expect(await createResearch(db).edit({ ...key, basedOn: 2, content, by: null })).toEqual({
      version: 4,
      first: false,
    });
  });

  it('gives no number twice when a person deletes what is left after a job took its version back', async () => {
    const other = { owner: 'ann', subject: 'lanterns' };
    await add('job_1', other);
    await add('job_2', other);
    await db.transaction().execute((trx) => takeBackResearch(trx, { ...other, rootJobId: 'job_2' }));
    expect(await createResearch(db).remove(other)).toBe(true);
    expect(await add('job_3', other)).toEqual({ version: 3 });
  });
});

failOnLeftovers();
