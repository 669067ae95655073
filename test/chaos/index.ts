import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { failures } from '../../job-types/contract/failures.js';
import { freePort } from '../../scripts/local/ports.js';
import { postgresUrl } from '../../scripts/local/postgres.js';
import { postgresDataDir } from '../../scripts/local/settings.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { openDatabase } from '../../store/database.js';
import { type StackPlace, StackProcess, stackPlace } from '../harness/stack-process.js';
import { saveResearch } from '../harness/stories.js';
import { until } from '../harness/until.js';
import { type Books, audit, settledWithinMs } from './audit.js';
import { type Unrest, killAtRandom } from './killing.js';
import { Load } from './load.js';
import { PatientClient } from './patient-client.js';
import { subjects, wordCount } from './scenarios.js';
import { secondPair } from './second-pair.js';

const usage = 'npm run chaos [-- minutes]     5 minutes of load when none are given';
/** Of the stack's parts, and of each process beside them; half of it more or less. */
const dieEveryMs = 15_000;

process.exitCode = await chaos(process.argv.slice(2));

/**
 * A real stack, and an API process and a worker beside it, under a mixed load. All of them are killed at random.
 * Then what the API, Temporal, the archive, the event logs and the ledger say of each job is compared. 0 when they
 * agree and nobody was let down.
 */
async function chaos([given = '5', ...rest]: string[]): Promise<number> {
  const minutes = Number(given);
  if (!(minutes > 0) || rest.length > 0) {
    console.log(usage);
    return 2;
  }
  const models = await startModelServer({ remembered: Infinity });
  const place = await stackPlace();
  const furnished = { ...place, env: { ...place.env, ...stackEnv(models.url) } };
  try {
    const findings = await play(furnished, { ms: minutes * 60_000, models });
    for (const finding of findings) console.log(`- ${finding}`);
    console.log(findings.length === 0 ? 'Everything agrees.' : `${findings.length} findings.`);
    return findings.length === 0 ? 0 : 1;
  } finally {
    await place.clear();
    await models.close();
  }
}

async function play(
  place: StackPlace,
  { ms, models }: { ms: number; models: ModelServer },
): Promise<string[]> {
  const stack = await StackProcess.start(place).ready();
  const url = `http://127.0.0.1:${place.ports.PORT}`;
  const connection = await Connection.connect({ address: `127.0.0.1:${place.ports.TEMPORAL_PORT}` });
  const { dataDir, ports } = place;
  const databaseUrl = postgresUrl({ dataDir: postgresDataDir(dataDir), port: ports.POSTGRES_PORT });
  const db = openDatabase(databaseUrl, {
    name: 'longhaul-chaos',
    maxConnections: 2,
    onConnectionLost: () => undefined,
  });
  const port = await freePort();
  const unrest: Unrest = { everyMs: dieEveryMs, report: (line) => console.log(line) };
  const pair = secondPair(
    {
      ...(place.env as Record<string, string>),
      PORT: String(port),
      DATABASE_URL: databaseUrl,
      TEMPORAL_ADDRESS: `127.0.0.1:${ports.TEMPORAL_PORT}`,
      FETCH_ALLOW: `${url}/samples/`,
    },
    unrest,
  );
  const books: Books = {
    client: new PatientClient([url, `http://127.0.0.1:${port}`]),
    operator: new Client({ connection }),
    db,
    served: models.calls,
    report: unrest.report,
  };
  const load = new Load(books, {
    url: `${url}/samples/el-faro.html`,
    sourceLang: 'es',
    targetLang: 'fr',
    wordCount,
  });
  try {
    for (const subject of subjects) await saveResearch(books, subject);
    const killing = killAtRandom(dataDir, unrest);
    const calm = async () => {
      await pause(ms);
      await killing.stop();
      await pair.calm();
      books.client.settledBy = Date.now() + settledWithinMs;
    };
    await Promise.all([load.run(ms), calm()]);
    console.log(`${load.promised.length} jobs; ${books.client.putOff} requests were put off or broke off.`);
    await until(async () => (await fetch(`${url}/readyz`)).ok, {
      what: 'the stack is ready again',
      limitMs: 60_000,
    });
    const findings = [...load.complaints, ...(await audit(load.promised, books))];
    return [...findings, ...unexpectedIn([...(await stackLog(dataDir)), ...pair.log()])];
  } finally {
    await pair.stop();
    await db.destroy();
    await connection.close();
    await stack.interrupt();
  }
}

/** What every API process and worker of the stack has logged so far. */
async function stackLog(dataDir: string): Promise<string[]> {
  const ours = ['api.log', 'worker.log'];
  const texts = await Promise.all(ours.map((file) => readFile(join(dataDir, 'logs', file), 'utf8')));
  return texts.join('').split('\n');
}

/** A fault of ours is one however the client got over it. */
function unexpectedIn(lines: readonly string[]): string[] {
  const { title } = failures['internal-error'];
  return lines.filter((line) => line.includes(title)).map((line) => `logged: ${line}`);
}

function stackEnv(models: string): Record<string, string> {
  return {
    MODEL: 'openai/instant',
    MODELS: 'openai/slow,openai/hang-mid-stream,openai/broken-json',
    OPENAI_BASE_URL: models,
    OPENAI_API_KEY: 'none-needed',
    MODEL_PRICES: ['instant', 'slow', 'hang-mid-stream', 'broken-json']
      .map((model) => `openai/${model}=1/4`)
      .join(','),
    MAX_STREAMS: '2000',
  };
}
