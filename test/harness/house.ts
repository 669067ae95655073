import { randomUUID } from 'node:crypto';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Client, Connection } from '@temporalio/client';
import { pino } from 'pino';
import { type Client as ApiClient, createClient } from '../../client/client/index.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import { type ModelServer, startModelServer } from '../../scripts/stand-ins/model-server.js';
import { createApi } from '../../src/api.js';
import { loadConfig } from '../../src/config.js';
import { Readiness } from '../../src/health/readiness.js';
import type { Database } from '../../store/database.js';
import { type WebServer, startWebServer } from '../stand-ins/web-server.js';
import { temporalAddress } from './addresses.js';
import { openPatiently, testDatabase } from './database.js';
import { until } from './until.js';
import { whileBusy } from './while-busy.js';
import { type WorkerProcess, startWorkerProcess } from './worker-process.js';

export interface Answer<T> {
  status: number;
  headers: Record<string, string | number | string[] | undefined>;
  body: T;
}

/** The whole of Longhaul for one test file: the API in this process, workers as processes, everything real but the model. */
export interface House {
  api: NestFastifyApplication;
  /** Where the API listens. */
  url: string;
  /** For the calls of client/, which go over the network: `readJob({ client: house.client, path: { id } })`. */
  client: ApiClient;
  models: ModelServer;
  web: WebServer;
  temporal: Client;
  db: Database;
  env: Record<string, string>;
  request<T>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  /** As `request`, and again while a busy server puts it off: for what may be asked twice. */
  ask<T>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer<T>>;
  /** Submits a body, again while a busy server puts it off; what was started and told late is found. */
  start<T = Job>(body: object, headers?: Record<string, string>): Promise<Answer<T>>;
  /** Submits a job of any type. */
  submitJob(type: string, input: object): Promise<Job>;
  /** Submits an extractArticle job for the article of `web`; fields given replace the usual ones. */
  submit(input?: Record<string, unknown>): Promise<Job>;
  job(id: string): Promise<Job>;
  /** Waits until the job is as the check wants it. */
  jobWhen(id: string, what: string, check: (job: Job) => boolean, limitMs?: number): Promise<Job>;
  startWorker(env?: Record<string, string>): Promise<WorkerProcess>;
  close(): Promise<void>;
}

/** @param env variables that differ from the usual ones: the model `openai/answer`, and `openai/<behaviour>` to name. */
export async function openHouse(env: Record<string, string> = {}): Promise<House> {
  const given = env['DATABASE_URL'];
  const [database, models, web] = await Promise.all([
    given === undefined ? testDatabase() : { url: given, drop: async () => undefined },
    startModelServer(),
    startWebServer(),
  ]);
  const variables: Record<string, string> = {
    DATABASE_URL: database.url,
    TEMPORAL_ADDRESS: env['TEMPORAL_ADDRESS'] ?? temporalAddress(),
    TEMPORAL_TASK_QUEUE: `test-${randomUUID()}`,
    TEMPORAL_UI_URL: 'http://127.0.0.1:8233',
    MODEL: 'openai/answer',
    OPENAI_BASE_URL: models.url,
    OPENAI_API_KEY: 'sk-test',
    FETCH_ALLOW: web.url,
    LOG_LEVEL: 'warn',
    CHAT_SOCKET_PORT: '0',
    // Tests submit faster than people.
    RATE_LIMIT_SUBMIT: '0',
    RATE_LIMIT_READ: '0',
    ...env,
  };
  const config = loadConfig(variables);
  const api = await createApi(config, pino({ level: 'silent' }));
  await api.listen(0, '127.0.0.1');
  const url = await api.getUrl();
  const readiness = api.get(Readiness);
  try {
    await until(async () => (await readiness.check()).ready, { what: 'the API is ready' });
  } catch (error) {
    // What is left open here would be found, and reported, by every test file after this one.
    await Promise.all([api.close(), models.close(), web.close()]);
    throw error;
  }
  const connection = await Connection.connect({
    address: config.TEMPORAL_ADDRESS ?? '',
    // A machine may stand still for longer than the 10 s that a connection is given otherwise.
    connectTimeout: '1 minute',
  });
  const db = openPatiently(database.url, 2);
  const workers: WorkerProcess[] = [];

  const request = async <T>(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer<T>> => {
    const answer = await api.inject({
      method,
      url: path,
      headers,
      ...(body === undefined ? {} : { payload: body as object }),
    });
    const type = answer.headers['content-type'] ?? '';
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: (/json/.test(type) ? answer.json() : answer.body) as T,
    };
  };
  const ask: typeof request = (...asked) =>
    whileBusy(
      () => request(...asked),
      ({ status }) => status,
    );
  const job = async (id: string): Promise<Job> => {
    const { status, body } = await ask<Job>('GET', `/v1/jobs/${id}`);
    if (status !== 200) throw new Error(`GET ${id} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };

  const start = <T = Job>(submit: object, headers: Record<string, string> = {}): Promise<Answer<T>> => {
    const once = async (): Promise<Answer<T>> => {
      const answer = await request<T>('POST', '/v1/jobs', submit, headers);
      const { job: inDoubt } = answer.body as Partial<Failure>;
      if (answer.status !== 503 || inDoubt === undefined) return answer;
      // A server that is busy with other tests may have started the job, or yet start it, and been late to say so.
      const started = await whileBusy(
        () => request<T>('GET', `/v1/jobs/${inDoubt}`, undefined, headers),
        ({ status }) => (status === 404 ? 503 : status),
      );
      return started.status === 200 ? { ...started, status: 202 } : answer;
    };
    return whileBusy(once, ({ status }) => status);
  };
  const submitJob = async (type: string, input: object): Promise<Job> => {
    const { status, body } = await start<Job | Failure>({ type, input });
    if ('code' in body) throw new Error(`the submit was answered ${status}: ${JSON.stringify(body)}`);
    return body;
  };

  return {
    api,
    url,
    client: createClient({ baseUrl: url }),
    models,
    web,
    temporal: new Client({ connection }),
    db,
    env: variables,
    request,
    ask,
    start,
    job,
    submitJob,
    submit(input = {}) {
      const usual = { url: `${web.url}article`, sourceLang: 'es', targetLang: 'fr', wordCount: 5 };
      return submitJob('extractArticle', { ...usual, ...input });
    },
    async jobWhen(id, what, check, limitMs) {
      let last: Job | undefined;
      return until(
        async () => {
          last = await job(id);
          return check(last) ? last : false;
        },
        { what, ...(limitMs !== undefined && { limitMs }), seen: () => JSON.stringify(last) },
      );
    },
    async startWorker(extra = {}) {
      const worker = await startWorkerProcess({ ...variables, ...extra });
      workers.push(worker);
      return worker;
    },
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      await api.close();
      await connection.close();
      await db.destroy();
      await Promise.all([models.close(), web.close()]);
      await database.drop();
    },
  };
}
