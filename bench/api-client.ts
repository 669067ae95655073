import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Job } from '../job-types/job.js';

export interface BenchClient {
  submit(input: Readonly<Record<string, unknown>>): Promise<Job>;
  job(id: string): Promise<Job>;
  /** A read whose answer nobody looks at, for loads in which parsing would cost more than the call. */
  poll(id: string): Promise<void>;
  /** How many requests were answered 503 so far, and repeated when the answer said. */
  readonly putOff: number;
  close(): Promise<void>;
}

/** The API over connections that stay open, as the raw Temporal client's does. Does as it is told when the API is busy. */
export function createBenchClient(url: string, { connections }: { connections: number }): BenchClient {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let putOff = 0;
  const ask = async (options: { path: string; method: 'GET' | 'POST'; body?: string }): Promise<string> => {
    for (;;) {
      const { statusCode, headers, body } = await pool.request({
        ...options,
        headers: options.body === undefined ? {} : { 'content-type': 'application/json' },
      });
      const text = await body.text();
      if (statusCode < 300) return text;
      const retryAfter = Number(headers['retry-after']);
      if (statusCode !== 503 || !(retryAfter > 0)) {
        throw new Error(`${options.method} ${options.path} was answered ${statusCode}: ${text}`);
      }
      putOff += 1;
      await pause(retryAfter * 1_000);
    }
  };
  return {
    submit: async (input) => {
      const body = JSON.stringify({ type: 'extractArticle', input });
      return JSON.parse(await ask({ path: '/v1/jobs', method: 'POST', body })) as Job;
    },
    job: async (id) => JSON.parse(await ask({ path: `/v1/jobs/${id}`, method: 'GET' })) as Job,
    poll: async (id) => {
      await ask({ path: `/v1/jobs/${id}`, method: 'GET' });
    },
    get putOff() {
      return putOff;
    },
    close: () => pool.close(),
  };
}
