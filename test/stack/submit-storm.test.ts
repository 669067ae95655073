import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Pool } from 'undici';
import type { Job } from '../../job-types/contract/job.js';
import { type ApiProcess, startApiProcess } from '../harness/api-process.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { type OwnServers, ownServers } from '../harness/own-servers.js';
import { rounds } from '../harness/rounds.js';
import { until } from '../harness/until.js';

const keys = rounds(200, 1_000);
const submitsAKey = 16;
/** Each with all its submits under way. */
const keysAtOnce = 6;

let servers: OwnServers;
/** Has no worker: the jobs stay as they were started. */
let house: House;
let apis: { process: ApiProcess; client: Pool }[];

beforeAll(async () => {
  servers = await ownServers();
  house = await openHouse(servers.env);
  const processes = await Promise.all([startApiProcess(house.env), startApiProcess(house.env)]);
  const connections = (keysAtOnce * submitsAKey) / processes.length;
  apis = processes.map((process) => ({ process, client: new Pool(process.url, { connections }) }));
});
afterAll(async () => {
  await Promise.all(
    apis.map(async ({ process, client }) => {
      await client.destroy();
      await process.stop();
    }),
  );
  await house.close();
  await servers.close();
});

interface Answer {
  id: string;
  status: number;
  replayed: boolean;
}

const repeated = new Map<number, number>();

/** Submits as a client does that repeats, with the same key, what was answered 503; anything else has to be well. */
async function submit(key: string, client: Pool): Promise<Answer> {
  const input = { url: 'https://example.com/', sourceLang: 'es', targetLang: 'fr', prompt: key };
  for (;;) {
    const { statusCode, headers, body } = await client.request({
      method: 'POST',
      path: '/v1/jobs',
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify({ type: 'extractArticle', input }),
    });
    const said = (await body.json()) as Job;
    if (statusCode === 200 || statusCode === 202) {
      return { id: said.id, status: statusCode, replayed: headers['idempotency-replayed'] === 'true' };
    }
    if (statusCode !== 503) throw new Error(`a submit was answered ${statusCode}: ${JSON.stringify(said)}`);
    repeated.set(statusCode, (repeated.get(statusCode) ?? 0) + 1);
    await pause(Number(headers['retry-after']) * 1_000);
  }
}

/** Submits one key at both APIs at once. @returns the job that all of them were answered with */
async function submitAtOnce(key: string): Promise<string> {
  const answers = await Promise.all(
    Array.from({ length: submitsAKey }, (_, n) => {
      const api = apis[n % apis.length];
      if (!api) throw new Error('there is no API');
      return submit(key, api.client);
    }),
  );
  const [id, ...others] = new Set(answers.map((answer) => answer.id));
  expect(others).toEqual([]);
  expect(answers.filter(({ replayed }) => !replayed).length).toBeLessThanOrEqual(1);
  return id ?? '';
}

it(`${keys} keys, each submitted ${submitsAKey} times at once over two API processes, make ${keys} jobs`, async () => {
  const begun = performance.now();
  const left = Array.from({ length: keys }, () => randomUUID());
  const ids: string[] = [];
  const client = async () => {
    for (let key = left.pop(); key !== undefined; key = left.pop()) ids.push(await submitAtOnce(key));
  };
  await Promise.all(Array.from({ length: keysAtOnce }, client));
  const seconds = ((performance.now() - begun) / 1_000).toFixed(1);
  process.stdout.write(
    `${keys * submitsAKey} submits in ${seconds} s, repeated after 503: ${repeated.get(503) ?? 0}\n`,
  );
  expect(new Set(ids).size).toBe(keys);

  const query = `TaskQueue = '${house.env['TEMPORAL_TASK_QUEUE']}'`;
  await until(async () => (await house.temporal.workflow.count(query)).count >= keys, {
    what: 'all jobs are listed',
  });
  const runs: string[] = [];
  for await (const { workflowId } of house.temporal.workflow.list({ query })) runs.push(workflowId);
  expect(runs.toSorted()).toEqual(ids.toSorted());
});

failOnLeftovers();
