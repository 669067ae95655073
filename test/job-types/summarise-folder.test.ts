import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import type { SummariseFolderResult } from '../../job-types/summarise-folder.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';
import type { WorkerProcess } from '../harness/worker-process.js';

jest.setTimeout(180_000);

let house: House;
let place: string;
let worker: WorkerProcess;

beforeAll(async () => {
  place = await mkdtemp(join(tmpdir(), 'longhaul-summaries-'));
  house = await openHouse({ INPUT_ROOT: join(place, 'in'), OUTPUT_ROOT: join(place, 'out') });
  worker = await house.startWorker();
});
afterAll(async () => {
  await house.close();
  await rm(place, { recursive: true });
});

/** Of a folder of its own. Each of its texts says its name, by which the calls for it are found. */
async function folderOf(name: string, count: number): Promise<{ folder: string; marks: string[] }> {
  const marks = Array.from({ length: count }, (_, index) => `${name}-${index + 10}`);
  await mkdir(join(place, 'in', name), { recursive: true });
  for (const mark of marks) await writeFile(join(place, 'in', name, `${mark}.txt`), `What ${mark}! says.`);
  return { folder: name, marks };
}

const submit = (input: object) => house.submitJob('summariseFolder', input);
const done = (id: string) => house.jobWhen(id, 'the job is done', (job) => job.done, 150_000);
const resultOf = (job: Job) => job.result as SummariseFolderResult;
const callsFor = (mark: string) =>
  house.models.calls.filter(({ body }) => JSON.stringify(body).includes(`${mark}!`)).length;
const treat = (times: number, ...how: Parameters<House['models']['next']>) => {
  for (let time = 0; time < times; time += 1) house.models.next(...how);
};

describe('summariseFolder', () => {
  it('begins no more files once the model lets each down, and keeps the others', async () => {
    const { folder, marks } = await folderOf('down', 20);
    treat(3, 'answer');
    treat(5, 'quota-exhausted');
    const { id } = await submit({ inputDir: folder, concurrency: 1 });
    const job = await done(id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    expect(resultOf(job)).toMatchObject({ summarised: 3, failed: 17 });
    expect(marks.map(callsFor)).toEqual([...Array<number>(8).fill(1), ...Array<number>(12).fill(0)]);
    expect(resultOf(job).texts.at(-1)).toMatchObject({
      value: expect.stringMatching(/^Summary failed: It was not begun: several files before it had failed/),
      subtitle: 'failed',
    });
    const items = await house.ask<{ items: { failure: Failure }[] }>(
      'GET',
      `/v1/jobs/${id}/items?status=failed`,
    );
    expect(new Set(items.body.items.map(({ failure }) => failure.code))).toEqual(
      new Set(['quota-exhausted']),
    );
  });

  it('fails when every file does, and a retry does all of them', async () => {
    const { folder, marks } = await folderOf('whole', 12);
    treat(5, 'quota-exhausted');
    const { id } = await submit({ inputDir: folder, concurrency: 1 });
    expect(await done(id)).toMatchObject({ status: 'failed', failure: { code: 'quota-exhausted' } });
    expect(marks.map(callsFor).reduce((sum, calls) => sum + calls)).toBe(5);
    const retry = await house.ask<Job>('POST', `/v1/jobs/${id}/retry`, {});
    expect(resultOf(await done(retry.body.id))).toMatchObject({ summarised: 12, failed: 0 });
  });

  it('tells of the one file that the model refuses beside the others', async () => {
    const { folder } = await folderOf('one', 4);
    treat(1, 'context-too-long');
    const job = await done((await submit({ inputDir: folder, concurrency: 1 })).id);
    expect(job).toMatchObject({ status: 'succeeded', partial: true });
    expect(resultOf(job).texts.map(({ subtitle }) => subtitle)).toEqual(['failed', null, null, null]);
  });

  it('waits for a model that is away for a while, and fails no file by it', async () => {
    const { folder, marks } = await folderOf('away', 3);
    treat(6, 'overloaded');
    const job = await done((await submit({ inputDir: folder, concurrency: 3 })).id);
    expect(job).toMatchObject({ status: 'succeeded', partial: false });
    expect(marks.map(callsFor).reduce((sum, calls) => sum + calls)).toBe(9);
  });

  it('carries no summary through its history', async () => {
    const { folder, marks } = await folderOf('small', 2);
    const text = `A summary that nobody else gives. ${'Word for word. '.repeat(500)}`;
    treat(2, 'answer', { text });
    const { id } = await submit({ inputDir: folder });
    expect(resultOf(await done(id)).texts).toEqual(
      marks.map((mark) => ({ title: `${folder}/${mark}.txt`, value: text.trim(), subtitle: null })),
    );
    const { events } = await house.temporal.workflow.getHandle(id).fetchHistory();
    const ends = (events ?? []).flatMap(
      ({ activityTaskCompletedEventAttributes: end }) => end?.result?.payloads ?? [],
    );
    const told = ends.map(({ data }) => Buffer.from(data ?? []).toString());
    // The list, two files; what was collected is told once.
    expect(told.filter((json) => json.includes('nobody else gives'))).toHaveLength(1);
  });

  it('pays for no summary twice that is there when its worker is killed, and writes each once', async () => {
    const { folder, marks } = await folderOf('killed', 40);
    treat(40, 'slow', { durationMs: 500 });
    const { id } = await submit({ inputDir: folder, outputDir: 'killed', concurrency: 4 });
    const stored = async () => {
      const rows = await house.db.selectFrom('texts').select('title').where('root_job_id', '=', id).execute();
      return rows.map(({ title }) => title?.split('/').at(-1)?.replace('.txt', '') ?? '');
    };
    await until(async () => (await stored()).length >= 14, { what: 'a third is stored', limitMs: 90_000 });
    await worker.kill();
    const before = await stored();
    worker = await house.startWorker();
    const job = await done(id);
    expect(resultOf(job)).toMatchObject({ summarised: 40, failed: 0 });
    for (const mark of before) expect([mark, callsFor(mark)]).toEqual([mark, 1]);
    // Those under way may have been asked for twice; all of them again would be 80.
    expect(marks.map(callsFor).reduce((sum, calls) => sum + calls)).toBeLessThan(60);
    const written = await readdir(join(place, 'out', 'killed'));
    expect(written.toSorted()).toEqual(marks.map((mark) => `${mark}.txt.txt`));
  });
});

failOnLeftovers();
