import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { ArchivedJob } from '../../../job-types/contract/outcome.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { createOutcomes } from '../../../store/outcomes.js';
import { isCollected } from '../../harness/garbage.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const megabyte = 'x'.repeat(1_000_000);

/** A job that Temporal has forgotten, with a large result. */
async function largeJob(): Promise<string> {
  const jobId = `job_${randomUUID()}`;
  const finishedAt = new Date().toISOString();
  const outcome = { status: 'succeeded', result: { text: megabyte }, finishedAt } as const;
  const rest = {
    startedAt: null,
    steps: [],
    usage: null,
    output: null,
    waitingFor: [],
    answers: [],
    failure: null,
  };
  const job: ArchivedJob = {
    ...{ type: 'extractArticle', owner: 'local', createdAt: finishedAt, memo: {} },
    outcome: { ...outcome, ...rest },
  };
  const run = { jobId, runId: randomUUID(), type: job.type, owner: job.owner };
  await createOutcomes(house.db).put({ ...run, status: outcome.status, job, finishedAt });
  return jobId;
}

it('the API does not keep the results of all the jobs that were ever read', async () => {
  const read = async () => house.api.get(JobReader).read(await largeJob(), 'local');
  const first = new WeakRef(await read());
  for (let more = 0; more < 40; more += 1) await read();
  expect(await isCollected(first)).toBe(true);
});

failOnLeftovers();
