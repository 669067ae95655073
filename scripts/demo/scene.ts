import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../local/ports.js';
import { postgresUrl } from '../local/postgres.js';
import { send } from '../local/processes.js';
import { type LocalProgram, startProgram } from '../local/program.js';
import { type StackSettings, postgresDataDir, programEnv } from '../local/settings.js';
import { type ModelServer, startModelServer } from '../stand-ins/model-server.js';

const sceneDatabase = 'longhaul_demo';

export interface SceneOptions {
  /** As the result names what answered, behind the name of its provider. */
  model: string;
}

export interface Scene {
  /** An API whose jobs only the worker of this scene takes. */
  api: string;
  models: ModelServer;
  /** kill -9, and another one in its place. @returns the pid of the one that is dead */
  killWorker(): Promise<number>;
  close(): Promise<void>;
}

/**
 * A second API and worker on a task queue and a database of their own, with a model that is a stand-in. They run
 * beside the stack, on its PostgreSQL and Temporal. A worker can then be killed without anything else noticing.
 */
export async function openScene(settings: StackSettings, { model }: SceneOptions): Promise<Scene> {
  const { config, dataDir } = settings;
  const models = await startModelServer();
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
    WORKER_HEALTH_PORT: '',
    TEMPORAL_TASK_QUEUE: `${config.TEMPORAL_TASK_QUEUE}-demo-${process.pid}`,
    MODEL: `openai/${model}`,
    MODELS: '',
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
    async killWorker() {
      const [worker] = running;
      if (!worker) throw new Error('The scene has no worker.');
      send(worker.identity, 'SIGKILL');
      await worker.ended;
      running[0] = await program('worker', 'dist/src/worker.js');
      return worker.identity.pid;
    },
    async close() {
      await Promise.all(running.map((one) => one.stop()));
      await models.close();
    },
  };
}

/** Recorded and made-up translations stay out of the real library, and every save of the scene can be counted. */
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
