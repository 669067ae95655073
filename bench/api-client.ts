import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Job } from '../job-types/contract/job.js';

export interface BenchClient {
  /** @param key sent as the Idempotency-Key; a refusal is then no reason to look, and the submit is repeated */
  submit(input: Readonly<Record<string, unknown>>, key?: string): Promise<Job>;
  cancel(id: string): Promise<Job>;
  job(id: string): Promise<Job>;
  /** A read whose answer nobody looks at, for loads in which parsing would cost more than the call. */
  poll(id: string): Promise<void>;
  /** How many requests were answered 503 so far, and repeated when the answer said. */
  readonly putOff: number;
  close(): Promise<void>;
}

interface Question {
  path: string;
  method: 'GET' | 'POST';
  body?: string;
  headers?: Readonly<Record<string, string>>;
}

interface Reply {
  status: number;
  text: string;
}

/** The API over connections that stay open, as the raw Temporal client's does. Does as it is told when the API is busy. */
export function createBenchClient(url: string, { connections }: { connections: number }): BenchClient {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let putOff = 0;
  /** Resolves with the answer, after the pause it asks for when that is a 503. @throws for every other refusal but 404 */
  const ask = async (question: Question): Promise<Reply> => {
    const { statusCode, headers, body } = await pool.request({
      ...question,
      headers: {
        ...question.headers,
        ...(question.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });
    const text = await body.text();
    if (statusCode === 503) {
      putOff += 1;
      await pause(Number(headers['retry-after'] ?? 1) * 1_000);
    } else if (statusCode >= 300 && statusCode !== 404) {
      throw new Error(`${question.method} ${question.path} was answered ${statusCode}: ${text}`);
    }
    return { status: statusCode, text };
  };
  const read = async (id: string): Promise<Reply> => {
    for (;;) {
      const reply = await ask({ path: `/v1/jobs/${id}`, method: 'GET' });
      if (reply.status !== 503) return reply;
    }
  };
  return {
    async submit(input, key) {
      const body = JSON.stringify({ type: 'extractArticle', input });
      const headers: Record<string, string> = key === undefined ? {} : { 'idempotency-key': key };
      for (;;) {
        const { status, text } = await ask({ path: '/v1/jobs', method: 'POST', body, headers });
        if (status < 300) return JSON.parse(text) as Job;
        if (key !== undefined) continue;
        // It may have been started all the same, and a second one would be work that nobody counts.
        const { job } = JSON.parse(text) as { job?: string };
        const found = job === undefined ? null : await read(job);
        if (found?.status === 200) return JSON.parse(found.text) as Job;
      }
    },
    async job(id) {
      const { status, text } = await read(id);
      if (status !== 200) throw new Error(`There is no job ${id}.`);
      return JSON.parse(text) as Job;
    },
    async cancel(id) {
      const { text } = await ask({ path: `/v1/jobs/${id}/cancel`, method: 'POST', body: '{}' });
      return JSON.parse(text) as Job;
    },
    async poll(id) {
      await read(id);
    },
    get putOff() {
      return putOff;
    },
    close: () => pool.close(),
  };
}
