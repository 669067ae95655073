import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../scripts/local/ports.js';
import { startPostgres } from '../scripts/local/postgres.js';
import { type LocalProgram, startProgram } from '../scripts/local/program.js';
import { findTemporalCli } from '../scripts/local/temporal-cli.js';
import { startTemporal } from '../scripts/local/temporal-server.js';
import { type ModelServer, startModelServer } from '../scripts/stand-ins/model-server.js';
import { type ArticleServer, serveArticle } from './article.js';
import { type BenchClient, createBenchClient } from './api-client.js';

export interface RunningApi {
  readonly pid: number;
  readonly url: string;
  readonly client: BenchClient;
}

/** Everything that is measured, each in a process of its own and beside nothing else on its servers. */
export interface Rig {
  readonly databaseUrl: string;
  readonly temporalAddress: string;
  readonly serverVersion: string;
  readonly temporal: Client;
  readonly models: ModelServer;
  readonly api: RunningApi;
  readonly workerPid: number;
  readonly bareWorkerPid: number;
  /** Where `api`'s jobs and the bare workflow wait for their workers. */
  readonly taskQueues: { readonly ours: string; readonly bare: string };
  /** What every job is asked to do; the model answers at once. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Another API process, ended with the rig. @param env variables that differ from the usual ones */
  startApi(env: Record<string, string>): Promise<RunningApi>;
  /** A program of the benchmark's own, ended with the rig. @param script compiled, from the project's folder */
  startProgram(name: string, script: string, env: Record<string, string>): Promise<{ readonly pid: number }>;
  close(): Promise<void>;
}

/** Words a job of the benchmark asks for: the default of the job type. */
export const wordCount = 30;
const taskQueues = { ours: 'bench', bare: 'bench-bare' };

/**
 * Starts all of it on free ports, in a folder of its own. The settings are those of the local stack and the API's
 * defaults.
 */
export async function openRig(report: (line: string) => void): Promise<Rig> {
  const closing: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const end of closing.splice(0).toReversed()) await end();
  };
  try {
    return { ...(await build(closing, report)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  closing: (() => Promise<unknown>)[],
  report: (line: string) => void,
): Promise<Omit<Rig, 'close'>> {
  const folder = await mkdtemp(join(tmpdir(), 'longhaul-bench-'));
  closing.push(() => rm(folder, { recursive: true, force: true }));
  // Where PostgreSQL has to run as nobody, nobody must be able to enter.
  await chmod(folder, 0o711);
  const cli = await findTemporalCli({ report });
  const place = (name: string) => ({
    dataDir: join(folder, name),
    logFile: join(folder, `${name}.log`),
    lifetime: 'parent' as const,
  });
  const [postgres, temporalServer] = await Promise.all([
    startPostgres({ ...place('postgres'), port: await freePort() }),
    startTemporal({ ...place('temporal'), cli, port: await freePort(), namespace: 'default' }),
  ]);
  closing.push(() => Promise.all([postgres.stop(), temporalServer.stop()]));

  const models = await startModelServer();
  const article: ArticleServer = await serveArticle();
  closing.push(() => Promise.all([models.close(), article.close()]));
  const connection = await Connection.connect({ address: temporalServer.address });
  closing.push(() => connection.close());

  const usual = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    HOST: '127.0.0.1',
    DATA_DIR: folder,
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporalServer.address,
    TEMPORAL_TASK_QUEUE: taskQueues.ours,
    MODEL: 'openai/instant',
    OPENAI_BASE_URL: models.url,
    OPENAI_API_KEY: 'none-needed',
    FETCH_ALLOW: article.url,
    // One owner asks here for as much as there is.
    RATE_LIMIT_SUBMIT: '0',
    RATE_LIMIT_READ: '0',
    RATE_LIMIT_STREAM: '0',
  };
  const start = async (name: string, script: string, env: Record<string, string>): Promise<LocalProgram> => {
    const program = await startProgram({
      label: name,
      script,
      env: { ...usual, ...env },
      logFile: join(folder, `${name}.log`),
      drainLimitMs: 15_000,
    });
    closing.push(() => program.stop());
    return program;
  };
  let apis = 0;
  const startApi = async (env: Record<string, string>): Promise<RunningApi> => {
    const port = await freePort();
    apis += 1;
    const { identity } = await start(`api-${apis}`, 'dist/src/main.js', { ...env, PORT: String(port) });
    const url = `http://127.0.0.1:${port}`;
    await untilReady(url);
    const client = createBenchClient(url, { connections: 64 });
    closing.push(() => client.close());
    return { pid: identity.pid, url, client };
  };
  const worker = await start('worker', 'dist/src/worker.js', {});
  const bareWorker = await start('bare-worker', 'dist/bench/bare-worker.js', {
    TEMPORAL_TASK_QUEUE: taskQueues.bare,
  });
  return {
    databaseUrl: postgres.url,
    temporalAddress: temporalServer.address,
    serverVersion: cli.serverVersion,
    temporal: new Client({ connection }),
    models,
    api: await startApi({}),
    workerPid: worker.identity.pid,
    bareWorkerPid: bareWorker.identity.pid,
    taskQueues,
    input: { url: article.url, sourceLang: 'es', targetLang: 'fr', wordCount },
    startApi,
    startProgram: async (name, script, env) => (await start(name, script, env)).identity,
  };
}

async function untilReady(url: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const { ok } = await fetch(`${url}/readyz`);
    if (ok) return;
    if (performance.now() > deadline) throw new Error('The API is not ready after 20 s.');
  }
}
