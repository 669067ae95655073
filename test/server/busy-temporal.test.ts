import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type GrpcProxy, startGrpcProxy } from '../../scripts/stand-ins/grpc-proxy.js';
import { temporalAddress } from '../harness/addresses.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';

/** The second within which an outage is answered, and room for a machine that does other things too. */
const quickMs = 1_300;

let house: House;
/** Between the API and Temporal. */
let proxy: GrpcProxy;

beforeAll(async () => {
  proxy = await startGrpcProxy(temporalAddress());
  house = await openHouse({ TEMPORAL_ADDRESS: proxy.address });
});
afterAll(async () => {
  await house.close();
  await proxy.close();
});
failOnLeftovers();

/** Submits a job that no worker begins, and polls it for the first time while the server refuses so many describes. */
async function pollRefused(times: number) {
  const { id } = await house.submit();
  const before = proxy.calls('DescribeWorkflowExecution');
  proxy.refuse('DescribeWorkflowExecution', times);
  const from = performance.now();
  const { status, headers, body } = await house.request<{ code?: string }>('GET', `/v1/jobs/${id}`);
  const tookMs = performance.now() - from;
  const tries = proxy.calls('DescribeWorkflowExecution') - before;
  proxy.refuse('DescribeWorkflowExecution', 0);
  await house.temporal.workflow.getHandle(id).terminate();
  return { status, code: body.code, retryAfter: headers['retry-after'], tries, tookMs };
}

describe('a Temporal server that is too busy for a poll', () => {
  it('is asked once more, soon enough to answer the poll', async () => {
    expect(await pollRefused(1)).toMatchObject({ status: 200, tries: 2 });
  });

  it('and stays so is told within a second', async () => {
    const { tookMs, ...answer } = await pollRefused(2);
    expect(answer).toMatchObject({ status: 503, code: 'temporal-unavailable', tries: 2 });
    expect(Number(answer.retryAfter)).toBeGreaterThan(0);
    expect(tookMs).toBeLessThan(quickMs);
  });
});
