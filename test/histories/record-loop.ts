import '../harness/loops/register.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import type { Job } from '../../job-types/contract/job.js';
import { projectRoot } from '../../scripts/local/project.js';
import { type House, openHouse } from '../harness/house.js';
import { openLoops } from '../harness/loops/processes.js';
import { ownServers } from '../harness/own-servers.js';
import { runsOf } from '../harness/runs-of.js';
import { until } from '../harness/until.js';

/**
 * Records the histories of all runs of jobs that go on in several, by the job type of the tests: `npm run build`, then
 * `node dist/test/histories/record-loop.js`. Names behind it record those alone. Later versions of the frame have to
 * replay them.
 */
interface Way {
  input: Record<string, unknown>;
  /** Tokens, at which its parts fail. */
  maxTokens?: number;
  /** Part of the model call in the middle of which it is cancelled. */
  cancelIn?: string;
}

const ways: Readonly<Record<string, Way>> = {
  'loop-succeeded': { input: { parts: 5 } },
  'loop-partial': { input: { parts: 3, failing: ['2'] } },
  'loop-each': { input: { parts: 4, atOnce: 2, failing: ['3'] } },
  'loop-asked': { input: { parts: 3, ask: ['3', '3'] } },
  'loop-out-of-budget': { input: { parts: 3 }, maxTokens: 300 },
  'loop-cancelled': { input: { parts: 5 }, cancelIn: 'part 4' },
};

const folder = join(projectRoot, 'test/histories/loops');
await mkdir(folder, { recursive: true });
const servers = await ownServers();
try {
  const house = await openHouse({ ...servers.env, MODELS: 'openai/wrong-key' });
  try {
    const loops = await openLoops(house);
    try {
      await loops.startWorker();
      const asked = process.argv.slice(2);
      for (const name of asked.length > 0 ? asked : Object.keys(ways)) await record(house, name);
    } finally {
      await loops.close();
    }
  } finally {
    await house.close();
  }
} finally {
  await servers.close();
}
// What the Temporal client holds would keep the process for some seconds.
process.exit();

async function record(house: House, name: string): Promise<void> {
  const { input, cancelIn, maxTokens } = ways[name] ?? { input: {} };
  if (cancelIn) {
    for (let call = 0; call < 4; call += 1) house.models.next('answer');
    house.models.next('hang-mid-stream');
  }
  if (maxTokens !== undefined) {
    for (let call = 0; call < 3; call += 1) house.models.next('answer', { text: 'a word '.repeat(60) });
  }
  const submitted = await house.request<Job>('POST', '/v1/jobs', {
    ...{ type: 'loop', input: { topic: name, ...input } },
    ...(maxTokens === undefined ? {} : { budget: { maxTokens, onExceed: 'fail' } }),
  });
  const { id } = submitted.body;
  const asked = () => house.models.calls.some(({ body }) => JSON.stringify(body).includes(`${name} ${cancelIn}`));
  if (cancelIn) {
    await until(asked, { what: `${cancelIn} is asked for` });
    await house.request('POST', `/v1/jobs/${id}/cancel`);
  }
  await until(
    async () => {
      const { done, waitingFor } = await house.job(id);
      for (const { id: wait } of waitingFor) {
        await house.request('POST', `/v1/jobs/${id}/input`, { name: 'go', id: wait, value: 'on' });
      }
      return done;
    },
    { what: `${name} ends`, limitMs: 60_000 },
  );
  for (const [index, { runId }] of (await runsOf(house, id)).entries()) {
    const history = await house.temporal.workflow.getHandle(id, runId).fetchHistory();
    const json = historyToJSON(history).replaceAll(projectRoot, '').replaceAll('file://', '');
    await writeFile(join(folder, `${name}-${index + 1}.json`), `${json}\n`);
  }
  process.stdout.write(`Recorded: ${name}\n`);
}
