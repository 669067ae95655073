import '../../harness/file-job/register.js';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sql } from 'kysely';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { StoredFile } from '../../../src/files/file-views.js';
import { createFiles } from '../../../store/files.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';
import { whileBusy } from '../../harness/while-busy.js';

let house: House;
/** No worker knows the job type: its jobs wait until they are ended from outside. */
const open = new Set<string>();

beforeAll(async () => {
  house = await openHouse();
});
afterAll(async () => {
  await Promise.all([...open].map(end));
  await house.close();
});

async function upload(text: string): Promise<string> {
  const answer = await fetch(`${house.url}/v1/files`, { method: 'POST', body: text });
  return ((await answer.json()) as StoredFile).id;
}
async function remove(id: string): Promise<void> {
  await (await fetch(`${house.url}/v1/files/${id}`, { method: 'DELETE' })).arrayBuffer();
}

async function post(path: string, body: object, headers: Record<string, string> = {}) {
  const ask = () => house.request<Pick<Job, 'id'> & Failure>('POST', path, body, headers);
  const answer = await whileBusy(ask, ({ status }) => status);
  if (answer.status === 202) open.add(answer.body.id);
  return answer;
}
const submit = (input: object, more: object = {}, headers: Record<string, string> = {}) =>
  post('/v1/jobs', { type: 'readFiles', input, ...more }, headers);

async function end(id: string): Promise<void> {
  open.delete(id);
  await house.temporal.workflow.getHandle(id).terminate();
  await house.jobWhen(id, 'the job is over', ({ done }) => done);
}

/** A job that was given a file, and has ended. */
async function ended(file: string, more: object = {}): Promise<string> {
  const { body } = await submit({ files: [file] }, more);
  await end(body.id);
  return body.id;
}

const jobsOf = async (file: string) =>
  (
    await house.db
      .selectFrom('file_jobs')
      .select('job_id')
      .where('file_id', '=', file)
      .orderBy('job_id')
      .execute()
  ).map(({ job_id }) => job_id);

describe('a job that names a file', () => {
  it('that is not there is refused, with a pointer to each place', async () => {
    const id = await upload('mine');
    const gone = `file_${randomUUID()}`;
    for (const more of [{}, { validateOnly: true }]) {
      const { status, body } = await submit({ files: [id, gone], notes: { a: gone, b: 'text' } }, more);
      expect([status, body.code]).toEqual([422, 'validation-failed']);
      expect(body.errors?.map(({ pointer }) => pointer)).toEqual(['/input/files/1', '/input/notes/a']);
    }
    expect(await jobsOf(id)).toEqual([]);
  });

  it('has it for as long as the job can be read', async () => {
    const file = await upload('kept');
    const job = await ended(file);
    // The API tells of a submit after it has answered it, and a job that nobody tells of counts as lost.
    const told = house.db.selectFrom('event_logs').select('job_id').where('job_id', '=', job);
    await until(() => told.executeTakeFirst(), { what: 'the log tells of the job' });
    await sql`update files set touched_at = now() - interval '25 hours'`.execute(house.db);
    await sql`update file_jobs set claimed_at = now() - interval '50 days'`.execute(house.db);
    await createFiles(house.db).endLostClaims();
    let removed: number;
    do removed = await createFiles(house.db).removeOld();
    while (removed > 0);
    expect(await jobsOf(file)).toEqual([job]);
    expect((await fetch(`${house.url}/v1/files/${file}`)).status).toBe(200);
  });

  it('is answered as before where its Idempotency-Key comes again and the file is gone', async () => {
    const file = await upload('brief');
    const headers = { 'idempotency-key': randomUUID() };
    const first = await submit({ files: [file] }, {}, headers);
    await remove(file);
    const again = await submit({ files: [file] }, {}, headers);
    expect([again.status, again.body.id]).toEqual([202, first.body.id]);
  });
});

describe('an answer to a job that names a file', () => {
  const answer = (job: string, file: string) =>
    house.request<Failure>('POST', `/v1/jobs/${job}/input`, { name: 'more', value: { file } });

  it('makes it belong to the job before any worker has taken the answer', async () => {
    const [first, second] = [await upload('given'), await upload('answered')];
    const { body } = await submit({ files: [first] });
    // No worker knows the type, so that none confirms.
    expect((await answer(body.id, second)).body.code).toBe('input-unconfirmed');
    expect(await jobsOf(second)).toEqual([body.id]);
  });

  it('is refused where the file is not there, with a pointer to it', async () => {
    const { body } = await submit({ files: [] });
    const refused = await answer(body.id, `file_${randomUUID()}`);
    expect([refused.status, refused.body.code]).toEqual([422, 'validation-failed']);
    expect(refused.body.errors?.map(({ pointer }) => pointer)).toEqual(['/value/file']);
  });
});

describe('what is made of a job that was given a file', () => {
  const ways = [
    ['a retry', 'retry', {}],
    ['a rerun', 'rerun', {}],
    ['a fork', 'fork', { fromStep: 'read' }],
  ] as const;

  it.each(ways)('%s is given the file too', async (_, way, body) => {
    const file = await upload(way);
    const job = await ended(file);
    const made = await post(`/v1/jobs/${job}/${way}`, body);
    expect(made.status).toBe(202);
    expect(await jobsOf(file)).toEqual([job, made.body.id].toSorted());
  });

  it('a fork with another file is given that one', async () => {
    const [old, other] = [await upload('old'), await upload('other')];
    const job = await ended(old);
    const made = await post(`/v1/jobs/${job}/fork`, { fromStep: 'read', input: { files: [other] } });
    expect([await jobsOf(old), await jobsOf(other)]).toEqual([[job], [made.body.id]]);
  });

  it.each(ways)('%s is refused once the file was removed, and holds nobody up', async (_, way, body) => {
    const file = await upload(way);
    const concurrencyKey = randomUUID();
    const job = await ended(file, { concurrencyKey });
    await remove(file);
    const made = await post(`/v1/jobs/${job}/${way}`, body);
    expect([made.status, made.body.code]).toEqual([410, 'input-gone']);
    const places = await house.db
      .selectFrom('concurrency_queue')
      .select('job_id')
      .where('key', '=', concurrencyKey)
      .execute();
    // A retry may be repeated under the same id, and then needs its place.
    const known = new Set([job, `${job}.r1`]);
    expect(places.filter(({ job_id }) => !known.has(job_id))).toEqual([]);
  });
});

failOnLeftovers();
