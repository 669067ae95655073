import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type Answer, type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { whileBusy } from '../../harness/while-busy.js';

jest.setTimeout(400_000);

let house: House;
/** A second API process on the same database and Temporal. */
let other: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
  await house.startWorker();
  other = await openHouse({
    DATABASE_URL: house.env['DATABASE_URL'] ?? '',
    TEMPORAL_TASK_QUEUE: house.env['TEMPORAL_TASK_QUEUE'] ?? '',
    MODELS: 'openai/hang-mid-stream',
  });
});
afterAll(async () => {
  await other.close();
  await house.close();
});

type Asked = Answer<Omit<Job, 'status'> & Pick<Failure, 'code' | 'job'>>;
const long = 'openai/hang-mid-stream';

interface Wish {
  model?: string;
  key?: string;
  concurrencyKey?: string;
  onConflict?: string;
}

const submit = (at: House, { model = 'openai/answer', key, ...more }: Wish): Promise<Asked> =>
  at.start(
    {
      type: 'extractArticle',
      input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 3, model },
      ...more,
    },
    key === undefined ? {} : { 'idempotency-key': key },
  );
/** Again, too, while the job that has the key is not started: a busy Temporal may need longer than is waited for it. */
const submitLong = (at: House, wish: Wish): Promise<Asked> =>
  whileBusy(
    () => submit(at, { ...wish, model: long }),
    ({ status, body }) => (status === 409 && body.job === undefined ? 503 : status),
  );
const finished = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done);
const force = async (id: string) => {
  await house.ask('POST', `/v1/jobs/${id}/cancel`, { mode: 'force' });
  await finished(id);
};
const placesOf = async (key: string) =>
  (await house.db.selectFrom('concurrency_queue').select('job_id').where('key', '=', key).execute()).map(
    (row) => row.job_id,
  );
const both = (n: number) => Array.from({ length: n }, (_, index) => (index % 2 === 0 ? house : other));

describe('one Idempotency-Key, sent at once with two bodies', () => {
  it.each([
    ['that name two concurrency keys', true],
    ['of which one names a concurrency key', false],
  ])('%s, is one job, and holds no other key', async (_, two) => {
    for (let round = 0; round < 8; round += 1) {
      const key = randomUUID();
      const [a, b] = [randomUUID(), randomUUID()];
      const answers = await Promise.all([
        submit(house, { key, concurrencyKey: a }),
        submit(other, { key, ...(two ? { concurrencyKey: b } : {}) }),
      ]);
      const taken = answers.find(({ status }) => status === 202);
      expect(answers.map(({ status }) => status).toSorted((one, next) => one - next)).toEqual([202, 422]);
      const job = await finished(taken?.body.id ?? '');
      expect(job.status).toBe('succeeded');
      for (const one of [a, b]) {
        const next = await submit(house, { concurrencyKey: one, onConflict: 'reject' });
        expect(next.status).toBe(202);
        await finished(next.body.id);
        expect(await placesOf(one)).toEqual([]);
      }
    }
  });
});

describe('many submits at once', () => {
  it('under a free key, which ask for the job there is, are one job', async () => {
    let late = 0;
    for (let round = 0; round < 6; round += 1) {
      const wish = { concurrencyKey: randomUUID(), onConflict: 'returnExisting', model: long };
      const answers = await Promise.all(both(16).map((at) => submit(at, wish)));
      // A Temporal that is busy may start the job later than the others wait for it, and not in most of the rounds.
      const putOff = answers.filter(({ status, body }) => status === 409 && body.job === undefined);
      if (putOff.length > 0) late += 1;
      const told = [...answers.filter((one) => !putOff.includes(one)), await submitLong(house, wish)];
      expect(told.map(({ status }) => status)).toEqual(told.map(() => 202));
      const ids = new Set(told.map(({ body }) => body.id));
      expect([...ids]).toHaveLength(1);
      await force([...ids][0] ?? '');
    }
    expect(late).toBeLessThan(4);
  });

  it('are never told of a job that does not exist while the key changes hands', async () => {
    const concurrencyKey = randomUUID();
    let holder = (await submit(house, { concurrencyKey, model: long })).body.id;
    for (let round = 0; round < 4; round += 1) {
      const asked = both(12).map((at) => submit(at, { concurrencyKey, onConflict: 'reject', model: long }));
      const ended = force(holder);
      const answers = await Promise.all(asked);
      await ended;
      for (const { status, body } of answers) {
        expect([202, 409]).toContain(status);
        if (status === 409 && body.job !== undefined) await house.job(body.job);
      }
      const next = answers.find(({ status }) => status === 202);
      holder = (next ?? (await submitLong(house, { concurrencyKey, onConflict: 'reject' }))).body.id;
    }
    await force(holder);
  });
});

describe('a submit with an Idempotency-Key that was answered with the job that had the concurrency key', () => {
  it('is answered with the same job once that has ended, and with no other body', async () => {
    const concurrencyKey = randomUUID();
    const { body: holder } = await submit(house, { concurrencyKey, model: long });
    const key = randomUUID();
    const wish = { key, concurrencyKey, onConflict: 'returnExisting' };
    const first = await submit(house, wish);
    expect([first.status, first.body.id]).toEqual([202, holder.id]);
    await force(holder.id);
    for (const at of [house, other]) {
      const again = await submit(at, wish);
      expect([again.status, again.body.id, again.headers['idempotency-replayed']]).toEqual([
        200,
        holder.id,
        'true',
      ]);
    }
    const reused = await submit(house, { key, concurrencyKey });
    expect([reused.status, reused.body.code]).toEqual([422, 'idempotency-key-reused']);
  });
});

failOnLeftovers();
