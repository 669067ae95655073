import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type GrpcProxy, startGrpcProxy } from '../../../scripts/stand-ins/grpc-proxy.js';
import { temporalAddress } from '../../harness/addresses.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

let house: House;
/** Between the worker and Temporal. */
let proxy: GrpcProxy;

beforeAll(async () => {
  proxy = await startGrpcProxy(temporalAddress());
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
  await proxy.close();
});

it("the SDK's core writes in the form of all other lines, and without the task token", async () => {
  const worker = await house.startWorker({ TEMPORAL_ADDRESS: proxy.address });
  const hold = proxy.hold('RespondActivityTaskCompleted', 'request');
  const { id } = await house.submit();
  await hold.reached;
  await house.temporal.workflow.getHandle(id).terminate('by an operator');
  await hold.release();
  const line = await until(
    () => worker.log().find((one) => one.includes('Activity not found on completion')),
    {
      what: 'the core complains of the answer that nobody waits for',
    },
  );
  expect(JSON.parse(line)).toMatchObject({ process: 'worker', level: 40, sdkComponent: 'core' });
  expect(worker.log().join('')).not.toMatch(/TaskToken|task_?token/i);
});

failOnLeftovers();
