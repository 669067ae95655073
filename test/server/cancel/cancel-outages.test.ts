import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type OwnServers, ownServers } from '../../harness/own-servers.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';

jest.setTimeout(180_000);

let servers: OwnServers;
let house: House;
/** Jobs that have begun and that nobody is left to stop. */
let ids: string[];

beforeAll(async () => {
  servers = await ownServers();
  house = await openHouse({ ...servers.env, MODEL: 'openai/hang-mid-stream' });
  const worker = await house.startWorker();
  const jobs = await Promise.all([house.submit(), house.submit(), house.submit()]);
  ids = jobs.map(({ id }) => id);
  await until(() => house.models.calls.length >= ids.length, {
    what: 'the models are asked',
  });
  await worker.kill();
});
afterAll(async () => {
  await house.close();
  await servers.close();
});

const askToStop = (id: string | undefined, gracePeriod: number) =>
  whileTemporalBusy(() =>
    house.request<Job>('POST', `/v1/jobs/${id}/cancel`, { reason: 'bad day', gracePeriod }),
  );

async function cancel(id: string | undefined, gracePeriod: number): Promise<Job> {
  const { status, body } = await askToStop(id, gracePeriod);
  expect({ status, job: body.status }).toEqual({ status: 202, job: 'cancelling' });
  return body;
}

const pastDeadline = (job: Job) =>
  until(() => Date.now() > Date.parse(job.cancel?.deadline ?? '') + 500, { what: 'the time is up' });

const ended = (id: string) => house.jobWhen(id, 'the job is ended', ({ done }) => done);

describe('a deadline that comes', () => {
  const endedByForce = { status: 'terminated', cancel: { reason: 'bad day', escalated: true } };

  it('while Temporal is away is carried out when it is back', async () => {
    const job = await cancel(ids[0], 1);
    await servers.temporal.stop();
    await pastDeadline(job);
    await servers.restartTemporal();
    expect(await ended(job.id)).toMatchObject(endedByForce);
  });

  it('while the database is away is carried out when it is back', async () => {
    // Longer than a busy machine needs to stop the database.
    const job = await cancel(ids[1], 8);
    await servers.postgres.stop();
    await pastDeadline(job);
    expect((await house.job(job.id)).status).toBe('cancelling');
    await servers.restartPostgres();
    const end = await ended(job.id);
    expect(end.status).toBe('terminated');
    expect(end.cancel?.escalated).toBe(true);
  });
});

describe('a cancel while the database is away', () => {
  it('is sent all the same, and the answer says that nothing else will end the job', async () => {
    await servers.postgres.stop();
    const { id, cancel: asked } = await cancel(ids[2], 1);
    expect(asked).toMatchObject({ deadline: null, reason: null });
    const { raw } = await house.temporal.workflow.getHandle(id).describe();
    expect(raw.workflowExtendedInfo?.cancelRequested).toBe(true);
    await servers.restartPostgres();
  });

  it('gets its deadline by being repeated', async () => {
    const id = await until(
      async () => {
        const { body: job } = await askToStop(ids[2], 1);
        return (job.done || job.cancel?.deadline) && job.id;
      },
      { what: 'the deadline is armed' },
    );
    expect(await ended(id)).toMatchObject({ status: 'terminated', cancel: { escalated: true } });
  });
});

failOnLeftovers();
