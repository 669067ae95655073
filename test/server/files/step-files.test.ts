import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Step, runInStep } from '../../../activities/frame/step.js';
import { type NewFile, type StepFiles, createStepFiles } from '../../../activities/providers/files.js';
import { type Database, openDatabase } from '../../../store/database.js';
import { type Files, createFiles } from '../../../store/files.js';
import { createMadeFiles } from '../../../store/made-files.js';
import { migrate } from '../../../store/migrations.js';
import { RunEnded } from '../../../store/receipts.js';
import { type TestDatabase, testDatabase } from '../../harness/database.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { recordingStep } from '../../harness/recording-step.js';

let database: TestDatabase;
let db: Database;
let files: Files;
let stepFiles: StepFiles;

beforeAll(async () => {
  database = await testDatabase();
  db = openDatabase(database.url, { name: 'test', maxConnections: 4, onConnectionLost: () => undefined });
  await migrate(db);
  files = createFiles(db);
  stepFiles = createStepFiles({ files, madeFiles: createMadeFiles(db) });
});
afterAll(async () => {
  await db.destroy();
  await database.drop();
});

/** A step of a job, and of an owner, of its own. */
function newStep(more: Partial<Step> = {}): Step {
  const id = randomUUID();
  const step = recordingStep({ name: 'convert' });
  return { ...step, jobId: `job_${id}`, rootJobId: `job_${id}`, runId: id, owner: `ann-${id}`, ...more };
}

const csv = (bytes: NewFile['bytes']): NewFile => ({ name: 'table.csv', mediaType: 'text/csv', bytes });
const write = (step: Step, file: NewFile) => runInStep(step, () => stepFiles.write(file));
const read = (step: Step, id: string, mostBytes = 10_000_000) =>
  runInStep(step, () => stepFiles.read(id, { mostBytes }));
const listed = async ({ owner }: Step) =>
  (await files.list({ owner, limit: 100 })).map(({ file: { id, name } }) => ({ id, name }));
const begun = async ({ owner }: Step) =>
  (await db.selectFrom('files').select('id').where('owner', '=', owner).execute()).length;

async function* inPieces(bytes: Buffer, pieceBytes: number, meanwhile?: (at: number) => Promise<void>) {
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    await meanwhile?.(at);
    yield bytes.subarray(at, at + pieceBytes);
  }
}

describe('a file that a step makes', () => {
  it('is read byte for byte, whole and in part, and belongs to the job', async () => {
    const step = newStep();
    const bytes = randomBytes(700_001);
    const made = await write(step, { ...csv(inPieces(bytes, 99_999)), name: '../a/table.csv' });
    expect(made).toMatchObject({ name: 'table.csv', mediaType: 'text/csv', size: 700_001, expiresAt: null });
    expect((await read(step, made.id)).content.equals(bytes)).toBe(true);
    const part = await runInStep(step, async () => {
      const pieces: Buffer[] = [];
      const { bytes: of } = await stepFiles.open(made.id);
      for await (const piece of of({ from: 262_100, to: 524_400 })) pieces.push(piece);
      return Buffer.concat(pieces);
    });
    expect(part.equals(bytes.subarray(262_100, 524_400))).toBe(true);
    const claims = db.selectFrom('file_jobs').select('job_id').where('file_id', '=', made.id);
    expect(await claims.execute()).toEqual([{ job_id: step.jobId }]);
  });

  it('may be empty', async () => {
    const step = newStep();
    const made = await write(step, csv(Buffer.alloc(0)));
    expect((await read(step, made.id)).content.length).toBe(0);
  });

  it('is one, however often the step is repeated: the newest', async () => {
    const step = newStep();
    await write(step, csv(Buffer.from('first')));
    const second = await write({ ...step, attempt: 2 }, csv(Buffer.from('second')));
    // The frame runs a step again under another id, where attempts begin at one.
    const third = await write({ ...step, activity: 'convert~2' }, csv(Buffer.from('third')));
    expect(await listed(step)).toEqual([{ id: third.id, name: 'table.csv' }]);
    expect((await read(step, third.id)).content.toString()).toBe('third');
    await expect(read(step, second.id)).rejects.toMatchObject({ code: 'file-gone' });
  });

  it('is one, whenever the earlier attempt goes on beside the later one', async () => {
    const step = newStep();
    const later = { ...step, attempt: 2 };
    const bytes = randomBytes(600_000);
    let second = '';
    const source = inPieces(bytes, 300_000, async (at) => {
      if (at > 0) second = (await write(later, csv(Buffer.from('later')))).id;
    });
    await expect(write(step, csv(source))).rejects.toMatchObject({ code: 'storage-unavailable' });
    await expect(write(step, csv(bytes))).rejects.toMatchObject({ code: 'storage-unavailable' });
    expect(await listed(step)).toEqual([{ id: second, name: 'table.csv' }]);
    expect(await begun(step)).toBe(1);
  });

  it('is one of several where the items, the names or what it is for differ', async () => {
    const step = newStep();
    for (const item of ['1', '2']) await write({ ...step, item }, csv(Buffer.from(item)));
    await write(step, { ...csv(Buffer.from('b')), name: 'b.csv' });
    await write(step, { ...csv(Buffer.from('c')), as: 'third' });
    expect(await listed(step)).toHaveLength(4);
  });
});

describe('a file that fails to be made leaves nothing', () => {
  const bytes = randomBytes(600_000);
  const broken = async (at: number) => {
    if (at > 300_000) throw new Error('the source broke');
  };

  it('because of its source', async () => {
    const step = newStep();
    await expect(write(step, csv(inPieces(bytes, 100_000, broken)))).rejects.toThrow('the source broke');
    expect(await begun(step)).toBe(0);
  });

  it('because it is too large', async () => {
    const step = newStep();
    const large = { ...csv(inPieces(bytes, 100_000)), mostBytes: 500_000 };
    await expect(write(step, large)).rejects.toMatchObject({ code: 'file-beyond-limit' });
    expect(await begun(step)).toBe(0);
  });

  it('because of a cancel', async () => {
    const cancel = new AbortController();
    const step = newStep({ signal: cancel.signal });
    const source = inPieces(bytes, 100_000, async (at) => {
      if (at > 300_000) cancel.abort(new Error('cancelled'));
    });
    await expect(write(step, csv(source))).rejects.toThrow('cancelled');
    expect(await begun(step)).toBe(0);
  });

  it('because the run has ended', async () => {
    const step = newStep();
    const { jobId, runId } = step;
    await db
      .insertInto('cancellations')
      .values({ job_id: jobId, run_id: runId, reason: null, deadline: null, mode: 'force' })
      .execute();
    await expect(write(step, csv(bytes))).rejects.toThrow(RunEnded);
    expect(await begun(step)).toBe(0);
  });
});

describe('a file that a step is given', () => {
  it('is not there for the job of another owner, or once it is removed', async () => {
    const step = newStep();
    const { id } = await write(step, csv(randomBytes(600_000)));
    await expect(read(newStep(), id)).rejects.toMatchObject({ code: 'file-gone' });
    const reading = runInStep(step, async () => {
      const { bytes } = await stepFiles.open(id);
      for await (const _ of bytes()) await files.delete(id, step.owner);
    });
    await expect(reading).rejects.toMatchObject({ code: 'file-gone' });
  });

  it('is not read where it is larger than the step wants', async () => {
    const step = newStep();
    const { id } = await write(step, csv(Buffer.alloc(1_001)));
    await expect(read(step, id, 1_000)).rejects.toMatchObject({ code: 'file-beyond-limit' });
  });
});

failOnLeftovers();
