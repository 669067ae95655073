import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { ClosedRunSweep } from '../../../src/ends/closed-run-sweep.js';
import { JobReader } from '../../../src/reading/job-reader.js';
import { type AbortListeners, watchAbortListeners } from '../../harness/abort-listeners.js';
import { openStream } from '../../harness/event-stream.js';
import { heldHeap } from '../../harness/garbage.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { until } from '../../harness/until.js';

jest.setTimeout(180_000);

const times = 25;

let listeners: AbortListeners;
let house: House;

beforeAll(async () => {
  // Before the API is there: its signals live as long as it does.
  listeners = watchAbortListeners();
  house = await openHouse();
});
afterAll(async () => {
  await house.close();
  listeners.stop();
});

/** What an API process does again and again for as long as it lives. */
async function round(): Promise<void> {
  const { id } = await house.submit();
  house.api.get(JobReader).forget(id);
  await house.job(id);
  await house.request('GET', '/v1/jobs');
  await house.request('GET', `/v1/jobs/${id}/events`, undefined, { prefer: 'wait=0' });
  const stream = await openStream(`${house.url}/v1/jobs/${id}/events`);
  await house.request('POST', `/v1/jobs/${id}/cancel`, {});
  stream.cut();
  const sweep = house.api.get(ClosedRunSweep);
  // Temporal's list has a deadline, which a machine that stands still lets pass.
  await until(() => sweep.sweep().then(() => true), { what: 'ends were swept' });
  await house.request('GET', '/readyz');
}

/** Sockets, timers and the like; a connection that is kept alive comes and goes. */
const handles = () => process.getActiveResourcesInfo().length;

/** A round that keeps anything keeps some of each. */
const fewHandles = times / 2;
/** What a round that keeps an answer, a stream or a job's events would hold is more. Caches fill up meanwhile. */
const mostHeld = times * 800_000;

it('what the API does again and again leaves nothing listening, open or in memory', async () => {
  for (let n = 0; n < 3; n += 1) await round();
  const before = { listeners: listeners.most(), handles: handles(), heap: heldHeap() };
  for (let n = 0; n < times; n += 1) await round();
  expect(listeners.most() - before.listeners).toBeLessThan(times / 2);
  await until(() => handles() - before.handles < fewHandles, { what: 'what was opened is closed' });
  // What was just read, and connections that were just closed, are held for some seconds.
  await until(() => heldHeap() - before.heap < mostHeld, {
    what: 'what was read is forgotten',
    everyMs: 250,
  });
});

failOnLeftovers();
