import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { WorkflowNotFoundError } from '@temporalio/client';
import { isRecord } from '../../../job-types/contract/is-record.js';
import type { Job } from '../../../job-types/contract/job.js';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { Runs } from '../../../src/reading/runs.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { resetToBegin } from '../../harness/reset.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream,openai/wrong-key,openai/slow' });
  await house.startWorker();
});
afterAll(() => house.close());

const cancel = (id: string, body: object = {}) => house.ask<Job>('POST', `/v1/jobs/${id}/cancel`, body);
const handle = (id: string) => house.temporal.workflow.getHandle(id);
const finished = (id: string) => house.jobWhen(id, `${id} has ended`, ({ done }) => done);
const submit = async (more: object, model = 'openai/answer') =>
  (
    await house.start({
      type: 'extractArticle',
      input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 5, model },
      metadata: { zebra: '1', a: '2' },
      ...more,
    })
  ).body;
const speaking = async () => {
  const { id } = await submit({}, 'openai/hang-mid-stream');
  await house.jobWhen(id, 'the model speaks', ({ output }) => output !== null);
  return id;
};
const succeeded = async () => {
  const { id } = await submit({});
  return finished(id);
};

/** Every way in which a job comes to its end. */
const kinds: Record<string, () => Promise<{ id: string; status: Job['status'] }>> = {
  'a job that succeeds': async () => ({ id: (await succeeded()).id, status: 'succeeded' }),
  'a job that fails': async () => ({ id: (await submit({}, 'openai/wrong-key')).id, status: 'failed' }),
  'a job that is cancelled while the model speaks': async () => {
    const id = await speaking();
    await cancel(id, { reason: 'enough' });
    return { id, status: 'cancelled' };
  },
  'a job that is cancelled before it begins': async () => {
    const { id } = await submit({ delay: 600 });
    await cancel(id);
    return { id, status: 'cancelled' };
  },
  'a job that an operator cancels in Temporal': async () => {
    const id = await speaking();
    await handle(id).cancel();
    return { id, status: 'cancelled' };
  },
  'a job that is ended by force while the model speaks': async () => {
    const id = await speaking();
    await cancel(id, { mode: 'force', reason: 'now' });
    return { id, status: 'terminated' };
  },
  'a job whose cancel runs out of time': async () => {
    const id = await speaking();
    await cancel(id, { gracePeriod: 0 });
    return { id, status: (await finished(id)).status };
  },
  'a job that an operator terminates': async () => {
    const id = await speaking();
    await handle(id).terminate('by hand');
    return { id, status: 'terminated' };
  },
  'a job whose time is up': async () => ({
    id: (await submit({ timeout: 1 }, 'openai/hang-mid-stream')).id,
    status: 'timed_out',
  }),
  'a job that waits for its concurrency key when it is ended': async () => {
    const concurrencyKey = crypto.randomUUID();
    const holder = await submit({ concurrencyKey }, 'openai/hang-mid-stream');
    const { id } = await submit({ concurrencyKey });
    await house.jobWhen(id, 'it queues', ({ status }) => status === 'queued');
    await cancel(id, { mode: 'force' });
    await cancel(holder.id, { mode: 'force' });
    return { id, status: (await finished(id)).status };
  },
  'a job that is reset and ends otherwise': async () => {
    const { id } = await house.submit({ review: true });
    const waits = () => house.jobWhen(id, 'it waits', ({ waitingFor }) => !!waitingFor[0]?.data);
    const { waitingFor } = await waits();
    await house.ask('POST', `/v1/jobs/${id}/input`, { name: 'review', value: waitingFor[0]?.data });
    expect((await finished(id)).status).toBe('succeeded');
    await resetToBegin(house.temporal, id);
    await waits();
    await cancel(id, { mode: 'force' });
    return { id, status: 'terminated' };
  },
};

const seen = async (id: string) => {
  const { body, headers } = await house.ask<Job>('GET', `/v1/jobs/${id}`);
  return { job: body, etag: headers['etag'] };
};

/** As once Temporal has forgotten the job, which a server takes half a minute to do. */
async function byArchive(id: string) {
  const runs = house.api.get(Runs);
  const { describeInTurn } = runs;
  runs.describeInTurn = () => Promise.reject(new WorkflowNotFoundError('forgotten', id, undefined));
  house.api.get(JobReader).forget(id);
  try {
    return await seen(id);
  } finally {
    runs.describeInTurn = describeInTurn;
  }
}

it.each(Object.entries(kinds))(
  '%s is the same, field by field, told by Temporal and by the archive',
  async (_, come) => {
    const { id, status } = await come();
    await finished(id);
    await until(
      async () => {
        await house.api.get(ClosedRunSweep).sweep();
        const { runId } = await handle(id).describe();
        const found = house.db.selectFrom('outcomes').select('status').where('run_id', '=', runId);
        return found.executeTakeFirst();
      },
      { what: 'the end is recorded' },
    );
    house.api.get(JobReader).forget(id);
    const before = await seen(id);
    expect(before.job.status).toBe(status);
    expect(before.job.steps.map((step) => step.status)).not.toContain('running');
    const { body: log } = await house.ask<{ items: { type: string; time: string; data: object }[] }>(
      'GET',
      `/v1/jobs/${id}/events?limit=1000`,
    );
    const ends = log.items.filter(({ type }) => type === 'end');
    expect(ends).toMatchObject([{ time: before.job.finishedAt, data: { status } }]);
    expect(log.items.at(-1)?.type).toBe('end');
    expect(await byArchive(id)).toEqual(before);
  },
);

/** Names of fields, in the order in which they stand. */
const fieldsOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(fieldsOf);
  return isRecord(value) ? Object.entries(value).map(([name, inside]) => [name, fieldsOf(inside)]) : null;
};

it('a job has its fields in one order, told by Temporal and by the archive', async () => {
  const { id } = await succeeded();
  const archived = await byArchive(id);
  expect(archived.job).toMatchObject({ result: expect.anything(), usage: expect.anything() });
  await house.db.deleteFrom('outcomes').where('job_id', '=', id).execute();
  house.api.get(JobReader).forget(id);
  expect(fieldsOf(archived.job)).toEqual(fieldsOf((await seen(id)).job));
});

it('was created when its first answer said, to whoever tells it, and stays so when an operator resets it', async () => {
  const { id, createdAt } = await submit({ tags: [crypto.randomUUID()] });
  const { tags } = await finished(id);
  const listed = async () => {
    const list = await house.request<{ items: Job[] }>('GET', `/v1/jobs?tag=${tags[0]}`);
    return list.body.items[0];
  };
  const item = await until(async () => (await listed())?.done && listed(), {
    what: 'the list has it',
  });
  await resetToBegin(house.temporal, id);
  const runs = house.db.selectFrom('outcomes').select('run_id').where('job_id', '=', id);
  const { runId } = await handle(id).describe();
  await until(async () => (await runs.executeTakeFirst())?.run_id === runId, {
    what: 'the new run has ended',
  });
  const again = await finished(id);
  expect([item.createdAt, again.createdAt, (await byArchive(id)).job.createdAt]).toEqual([
    createdAt,
    createdAt,
    createdAt,
  ]);
});

it('a job that is ended by force has the same ETag from its first final answer on', async () => {
  const id = await speaking();
  const asked = cancel(id, { mode: 'force' });
  const tags = new Set<unknown>();
  await until(
    async () => {
      const { job, etag } = await seen(id);
      if (job.done) tags.add(etag);
      return job.done;
    },
    { what: 'it has ended', everyMs: 1 },
  );
  await asked;
  for (let look = 0; look < 20; look += 1) {
    house.api.get(JobReader).forget(id);
    tags.add((await seen(id)).etag);
  }
  expect(tags.size).toBe(1);
  expect(await house.job(id)).toMatchObject({ partial: true, output: { step: 'extract' } });
});

failOnLeftovers();
