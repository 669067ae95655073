import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { projectRoot } from '../../scripts/local/project.js';
import { namesOf } from '../../scripts/new/names.js';
import { openHouse } from '../harness/house.js';
import { ownServers } from '../harness/own-servers.js';
import { saveResearch } from '../harness/stories.js';

/**
 * Records the history of a job that succeeds, of the job type that is named: `npm run build`, then
 * `node dist/test/histories/record-job-type.js <name>`. The job is the type's example, and the model a stand-in. Later
 * versions of the workflow have to replay it. With `cancelled` behind the name, the job is cancelled in the middle of
 * the model's answer.
 */
const names = namesOf(process.argv[2] ?? '');
const type = names && jobTypeNamed(names.camel);
if (!type) throw new Error('name a job type that is registered');
const ending = process.argv[3] === 'cancelled' ? 'cancelled' : 'succeeded';

const servers = await ownServers();
try {
  const house = await openHouse(servers.env);
  try {
    await house.startWorker();
    if (ending === 'cancelled') house.models.next('hang-mid-stream');
    // Addresses of the samples are those of an API that listens where this one does not.
    const example = JSON.stringify(type.example).replaceAll(
      /http:\/\/127\.0\.0\.1:3000\/samples\/[\w.-]+/g,
      `${house.web.url}article`,
    );
    const need = type.needs?.(type.example);
    if (need && 'kind' in need && need.kind === 'research') await saveResearch(house, need.name);
    const { id } = await house.submitJob(type.name, JSON.parse(example) as object);
    if (ending === 'cancelled') {
      await house.jobWhen(id, 'the model has begun', ({ output }) => Boolean(output?.text), 60_000);
      await house.request('POST', `/v1/jobs/${id}/cancel`, {});
    }
    const { status, failure } = await house.jobWhen(id, 'the job is done', ({ done }) => done, 60_000);
    if (status !== ending) throw new Error(`the job ended ${status}: ${failure?.detail}`);
    const history = await house.temporal.workflow.getHandle(id).fetchHistory();
    const json = historyToJSON(history).replaceAll(projectRoot, '').replaceAll('file://', '');
    const file = `test/histories/${names.kebab}-${ending}.json`;
    await writeFile(join(projectRoot, file), `${json}\n`);
    process.stdout.write(`Recorded: ${file}\n`);
  } finally {
    await house.close();
  }
} finally {
  await servers.close();
}
// What the Temporal client holds would keep the process for some seconds.
process.exit();
