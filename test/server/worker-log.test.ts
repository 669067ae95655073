import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

let house: House;

beforeAll(async () => {
  house = await openHouse();
}, 60_000);
afterAll(() => house.close());

it("the SDK's core writes in the form of all other lines, and without the task token", async () => {
  const worker = await house.startWorker();
  // Over before the first heartbeat, which would be told that the run has ended.
  house.models.next('slow', { durationMs: 500 });
  const { id } = await house.submit();
  await until(() => house.models.calls.length > 0, { what: 'the model is asked' });
  await house.temporal.workflow.getHandle(id).terminate('by an operator');
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
