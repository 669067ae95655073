import { randomBytes, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import { toApplicationFailure } from '../../../activities/frame/classify.js';
import { runInStep } from '../../../activities/frame/step.js';
import { createStepFiles } from '../../../activities/providers/files.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import { createFiles } from '../../../store/files.js';
import { createMadeFiles } from '../../../store/made-files.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { recordingStep } from '../../harness/recording-step.js';
import { type SmallDisk, onSmallDisk } from '../../harness/small-disk.js';

let house: House;
let disk: SmallDisk;

beforeAll(async () => {
  house = await openHouse();
  disk = await onSmallDisk(house.db);
});
afterAll(async () => {
  await house?.close();
  await disk?.clear();
});

/** More than there is room for. */
const large = randomBytes(12 * 1024 * 1024);

const rows = async (): Promise<number> => {
  const { rows: found } = await sql<{ count: number }>`
    select ((select count(*) from files) + (select count(*) from file_chunks))::integer as count`.execute(
    house.db,
  );
  return found[0]?.count ?? -1;
};
const upload = (body: Buffer<ArrayBuffer>) => fetch(`${house.url}/v1/files`, { method: 'POST', body });

function newStep() {
  const id = randomUUID();
  const step = {
    ...recordingStep({ name: 'convert' }),
    jobId: `job_${id}`,
    rootJobId: `job_${id}`,
    runId: id,
  };
  const files = createStepFiles({ files: createFiles(house.db), madeFiles: createMadeFiles(house.db) });
  return (bytes: Buffer) =>
    runInStep(step, () => files.write({ name: 'a.bin', mediaType: 'application/octet-stream', bytes }));
}

describe('while the disk of the database is full', () => {
  it('an upload is refused as what it is, and leaves nothing', async () => {
    const refused = await upload(large);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '60']);
    const failure = (await refused.json()) as Failure;
    expect(failure).toMatchObject({ code: 'storage-full', retryable: true });
    expect(failure.detail).toContain('disk of the database is full');
    expect(await rows()).toBe(0);
  });

  it('a step that makes a file fails as that, is tried again, and leaves nothing', async () => {
    const write = newStep();
    const error: unknown = await write(large).catch((thrown: unknown) => thrown);
    const told = toApplicationFailure(error, { step: 'convert', attempt: 1 });
    expect(told).toMatchObject({ type: 'storage-full', nonRetryable: false });
    expect(told.message).toContain('disk of the database is full');
    expect(await rows()).toBe(0);
  });

  it('until there is room: then the same upload and the same step go on', async () => {
    await disk.makeRoom();
    const kept = await upload(large);
    expect([kept.status, await kept.json()]).toEqual([201, expect.objectContaining({ size: large.length })]);
    expect(await newStep()(large)).toMatchObject({ size: large.length });
  });
});

failOnLeftovers();
