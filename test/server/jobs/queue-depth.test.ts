import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import { type GrpcProxy, startGrpcProxy } from '../../../scripts/stand-ins/grpc-proxy.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';

const mostQueued = 2;

let house: House;
/** Between the API and Temporal. */
let proxy: GrpcProxy;

beforeAll(async () => {
  proxy = await startGrpcProxy(temporalAddress());
  house = await openHouse({ TEMPORAL_ADDRESS: proxy.address, MAX_QUEUE_DEPTH: String(mostQueued) });
});
afterAll(async () => {
  await house.close();
  await proxy.close();
});

type Answered = Job & { code?: Failure['code'] };

const wish = (concurrencyKey: string, onConflict = 'queue') => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' },
  concurrencyKey,
  onConflict,
});
/** Once, whatever comes of it. */
const submit = (...asked: Parameters<typeof wish>) =>
  house.request<Answered>('POST', '/v1/jobs', wish(...asked));
const enter = (...asked: Parameters<typeof wish>) => house.start<Answered>(wish(...asked));
const terminate = (id: string) => house.temporal.workflow.getHandle(id).terminate();

/** For as long as the work takes, Temporal tells nobody how a job is; jobs that ended before are looked at now and then, too. */
async function untold<T>(work: () => Promise<T>): Promise<T> {
  const methods = ['DescribeWorkflowExecution', 'QueryWorkflow'];
  for (const method of methods) proxy.refuse(method, Infinity);
  try {
    return await work();
  } finally {
    for (const method of methods) proxy.refuse(method, 0);
  }
}

/** As many jobs as there is room for, none of which a worker begins. */
async function fill(): Promise<{ key: string; ids: string[] }> {
  for (let round = 1; ; round += 1) {
    const key = randomUUID();
    const answers = [];
    while (answers.length <= mostQueued) answers.push(await submit(key));
    const statuses = answers.map(({ status }) => status);
    // What a busy server was late to start may have a place or not: another key is taken.
    if (statuses.includes(503) && round < 5) continue;
    expect(statuses).toEqual(statuses.map(() => 202));
    return { key, ids: answers.map(({ body }) => body.id) };
  }
}

describe('the queue for a concurrency key', () => {
  it('costs no question to Temporal while there is room in it', async () => {
    const { ids } = await untold(fill);
    expect(ids).toHaveLength(mostQueued + 1);
    await Promise.all(ids.map(terminate));
  });

  it('has room for one more when the first was terminated and nobody has seen it', async () => {
    const { key, ids } = await fill();
    const [first = '', ...others] = ids;
    expect((await enter(key)).body.code).toBe('queue-full');
    await terminate(first);
    const { status, body } = await enter(key);
    expect(status).toBe(202);
    expect((await enter(key)).body.code).toBe('queue-full');
    await Promise.all([body.id, ...others].map(terminate));
  });

  it('keeps no place for a submit of which Temporal did not tell in time who holds the key', async () => {
    const key = randomUUID();
    const { body: holder } = await enter(key);
    expect(await untold(() => submit(key, 'reject'))).toMatchObject({
      status: 503,
      body: { code: 'temporal-unavailable' },
    });
    await terminate(holder.id);
    const { status, body } = await enter(key, 'reject');
    expect(status).toBe(202);
    await terminate(body.id);
  });
});

failOnLeftovers();
