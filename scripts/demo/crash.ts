import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { freePort } from '../local/ports.js';
import { postgresUrl } from '../local/postgres.js';
import { send } from '../local/processes.js';
import { type LocalProgram, startProgram } from '../local/program.js';
import { type StackSettings, postgresDataDir, programEnv } from '../local/settings.js';
import { type ModelServer, startModelServer } from '../stand-ins/model-server.js';
import type { ApiClient } from './api.js';

/** The first answer is slow enough to be killed in the middle of it; the second is watched to its end. */
const firstAnswerMs = 20_000;
const secondAnswerMs = 3_000;
const sceneDatabase = 'longhaul_crash_demo';

export interface CrashScene {
  /** An API whose jobs only the worker of this scene takes. */
  api: string;
  models: ModelServer;
  /** Resolves when the worker was killed in the middle of the model call and another has been started. */
  crash(api: ApiClient, jobId: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * A second API and worker on a task queue of their own. They run beside the stack, on its PostgreSQL and Temporal.
 * A worker can then be killed without anything else noticing.
 */
export async function openCrashScene(
  settings: StackSettings,
  say: (line: string) => void,
): Promise<CrashScene> {
  const { config, dataDir } = settings;
  const models = await startModelServer();
  models.next('slow', { durationMs: firstAnswerMs });
  models.next('slow', { durationMs: secondAnswerMs });
  const port = await freePort();
  const env = {
    ...programEnv(settings, {
      databaseUrl: await emptyDatabase(
        config.DATABASE_URL ?? postgresUrl({ dataDir: postgresDataDir(dataDir), port: config.POSTGRES_PORT }),
      ),
      temporalAddress: config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.TEMPORAL_PORT}`,
    }),
    HOST: '127.0.0.1',
    PORT: String(port),
    TEMPORAL_TASK_QUEUE: `${config.TEMPORAL_TASK_QUEUE}-crash-${process.pid}`,
    MODEL: 'openai/stand-in',
    OPENAI_BASE_URL: models.url,
    OPENAI_API_KEY: 'none-needed',
  };
  const program = (name: 'api' | 'worker', script: string) =>
    startProgram({
      label: `The demo's ${name}`,
      script,
      env,
      logFile: join(dataDir, 'logs', `demo-${name}.log`),
      drainLimitMs: 15_000,
    });
  const running: LocalProgram[] = await Promise.all([
    program('worker', 'dist/src/worker.js'),
    program('api', 'dist/src/main.js'),
  ]);
  return {
    api: `http://127.0.0.1:${port}`,
    models,
    async crash(api, jobId) {
      while (!(await isWriting(jobId, { api, models }))) await pause(100);
      const [worker] = running;
      if (!worker) return;
      send(worker.identity, 'SIGKILL');
      await worker.ended;
      say(
        `kill -9 of the worker (pid ${worker.identity.pid}) in the middle of the model's answer; another one starts.`,
      );
      running[0] = await program('worker', 'dist/src/worker.js');
    },
    async close() {
      await Promise.all(running.map((one) => one.stop()));
      await models.close();
    },
  };
}

/** Made-up translations stay out of the real library, and every save of the scene can be counted. */
async function emptyDatabase(beside: string): Promise<string> {
  const client = new pg.Client({ connectionString: beside });
  await client.connect();
  try {
    await client.query(`drop database if exists ${sceneDatabase} with (force)`);
    await client.query(`create database ${sceneDatabase}`);
  } finally {
    await client.end();
  }
  const url = new URL(beside);
  url.pathname = `/${sceneDatabase}`;
  return url.href;
}

/** Whether the model has said something of its answer, and the job is still at it. */
async function isWriting(
  jobId: string,
  { api, models }: { api: ApiClient; models: ModelServer },
): Promise<boolean> {
  const job = await api.job(jobId);
  if (job.done) throw new Error(`The job ended (${job.status}) before the model was asked.`);
  return job.progress.step === 'extract' && (models.calls[0]?.bytesSent ?? 0) > 500;
}
