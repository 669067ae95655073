import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { availableParallelism, loadavg } from 'node:os';
import pg from 'pg';
import { Client as HttpClient } from 'undici';
import { short } from './measure.js';
import { median, variation } from './pairs.js';

export interface Calibration {
  /** Why figures of this run are to be read with care; empty on a quiet machine. */
  readonly noise: readonly string[];
  /** What the machine itself can do, for people who compare two runs. */
  readonly figures: readonly string[];
}

const blocks = 12;
const blockMs = 80;
/** Above this the machine is doing something else at the same time. */
const mostVariation = 0.15;

/** Measures the machine before anything of ours, and says whether it holds still. */
export async function calibrate({ databaseUrl }: { databaseUrl: string }): Promise<Calibration> {
  const [load = 0] = loadavg();
  const cores = availableParallelism();
  const rates = [
    { name: 'spin loop', unit: 'M turns/s', scale: 1e-6, values: await spin() },
    { name: 'loopback echo', unit: 'a second', scale: 1, values: await echo() },
    { name: 'PostgreSQL commit', unit: 'a second', scale: 1, values: await commits(databaseUrl) },
  ];
  const noise = rates
    .map(({ name, values }) => ({ name, share: variation(values) }))
    .filter(({ share }) => share > mostVariation)
    .map(({ name, share }) => `the ${name} varies by ${Math.round(share * 100)} %`);
  if (load > cores) noise.unshift(`the load was ${load.toFixed(1)} on ${cores} cores before the start`);
  const figures = rates.map(
    ({ name, unit, scale, values }) => `${name} ${short(median(values) * scale)} ${unit}`,
  );
  return { noise, figures };
}

/** How often a second a piece of work can be done one after the other, once for every block. */
async function perSecond(work: () => Promise<unknown>): Promise<number[]> {
  const rates: number[] = [];
  // The first block warms up and does not count.
  for (let block = 0; block <= blocks; block += 1) {
    const started = performance.now();
    let done = 0;
    while (performance.now() - started < blockMs) {
      await work();
      done += 1;
    }
    rates.push((done * 1_000) / (performance.now() - started));
  }
  return rates.slice(1);
}

async function spin(): Promise<number[]> {
  const turns = 1_000_000;
  const work = (): Promise<number> => {
    let sum = 0;
    for (let turn = 0; turn < turns; turn += 1) sum = (sum + turn * 7) | 0;
    return Promise.resolve(sum);
  };
  return (await perSecond(work)).map((rate) => rate * turns);
}

async function echo(): Promise<number[]> {
  const server = createServer((request, response) => void request.pipe(response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const client = new HttpClient(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  try {
    return await perSecond(async () => {
      const { body } = await client.request({ path: '/', method: 'POST', body: '{"hello":"world"}' });
      await body.text();
    });
  } finally {
    await client.close();
    server.close();
    await once(server, 'close');
  }
}

async function commits(databaseUrl: string): Promise<number[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('create table calibration (id bigserial primary key, payload text)');
    return await perSecond(() => client.query("insert into calibration (payload) values ('a row')"));
  } finally {
    await client.query('drop table if exists calibration');
    await client.end();
  }
}
