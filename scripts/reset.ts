import { existsSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { loadConfig } from '../src/config.js';
import { confirm } from './local/confirm.js';
import { toShow } from './local/foreseen.js';
import { postgresFolder } from './local/postgres-binaries.js';
import { stopStack } from './local/running-stack.js';
import { postgresDataDir, type StackSettings, stackSettings, temporalDataDir } from './local/settings.js';

const usage = `npm run reset             deletes all jobs, words and keys of the local stack, after asking
npm run reset -- --yes    without asking`;

try {
  process.exitCode = await reset();
} catch (error) {
  console.error(toShow(error));
  process.exitCode = 1;
}

async function reset(): Promise<number> {
  let values: { yes: boolean };
  try {
    ({ values } = parseArgs({ options: { yes: { type: 'boolean', default: false } } }));
  } catch {
    console.error(usage);
    return 2;
  }
  const settings = stackSettings(loadConfig());
  for (const note of untouched(settings)) console.log(note);
  const there = dataOf(settings).filter((path) => existsSync(path));
  if (there.length === 0) {
    console.log(`There is nothing to delete in ${settings.dataDir}.`);
    return 0;
  }
  console.log(
    `This deletes every job, word and API key in ${settings.dataDir}. They cannot be brought back.`,
  );
  if (!values.yes && !(await confirm('Delete them?'))) {
    console.log('Nothing was deleted.');
    return 1;
  }
  if ((await stopStack(settings)) === 'stopped') console.log('Stopped what was running.');
  for (const path of there) rmSync(path, { recursive: true, force: true });
  console.log('Deleted. The next npm start begins from nothing.');
  return 0;
}

/** What the local stack has written, but for its logs. */
function dataOf({ dataDir }: StackSettings): string[] {
  const postgres = postgresFolder(postgresDataDir(dataDir));
  return [postgres, `${postgres}.password`, `${postgres}.new`, temporalDataDir(dataDir)];
}

function untouched({ config }: StackSettings): string[] {
  return [
    ...(config.DATABASE_URL ? ['The database in DATABASE_URL is not touched.'] : []),
    ...(config.TEMPORAL_ADDRESS ? ['The Temporal server in TEMPORAL_ADDRESS is not touched.'] : []),
  ];
}
