import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import type { ExtractArticleReview } from '../../job-types/extract-article.js';
import type { FinalStatus } from '../../job-types/contract/job.js';
import { until } from '../harness/until.js';
import type { PatientClient } from './patient-client.js';

export interface Actors {
  client: PatientClient;
  operator: Client;
}

export interface Scenario {
  /** Added to the job's input. */
  input?: Record<string, unknown>;
  /** Added to the request. */
  request?: () => Record<string, unknown>;
  /** What its people do once it is there. @returns the ids of jobs they started by it */
  act?: (id: string, actors: Actors) => Promise<string[] | void>;
  /** How it may end. */
  ends: readonly FinalStatus[];
}

const keys = ['alpha', 'beta', 'gamma'];
const keptWords = 20;
const hanging = { model: 'openai/hang-mid-stream' };

const between = (from: number, to: number): number => from + Math.random() * (to - from);
const aWhile = () => pause(between(500, 6_000));

/** What people do with jobs. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  plain: { ends: ['succeeded'] },
  slow: { input: { model: 'openai/slow' }, ends: ['succeeded'] },
  delayed: { request: () => ({ delay: Math.round(between(2, 10)) }), ends: ['succeeded'] },
  queued: {
    request: () => ({
      concurrencyKey: keys[Math.floor(Math.random() * keys.length)],
      onConflict: 'queue',
    }),
    ends: ['succeeded'],
  },
  malformed: { input: { model: 'openai/broken-json' }, ends: ['failed'] },
  outOfTime: {
    input: hanging,
    request: () => ({ timeout: Math.round(between(10, 20)) }),
    ends: ['timed_out'],
  },
  reviewed: {
    input: { review: true },
    async act(id, { client }) {
      const { status, waitingFor } = await client.jobWhen(id, (job) => Boolean(job.waitingFor[0]?.data));
      if (status !== 'waiting') throw new Error(`${id} is ${status} without a review`);
      const { words } = (waitingFor[0]?.data ?? { words: [] }) as ExtractArticleReview;
      const answer = { name: 'review', value: { words: words.slice(0, keptWords) } };
      const { status: answered, body } = await client.post(`/v1/jobs/${id}/input`, answer);
      if (answered !== 200) throw new Error(`the review of ${id} was refused: ${JSON.stringify(body)}`);
    },
    ends: ['succeeded'],
  },
  cancelled: {
    input: hanging,
    async act(id, { client }) {
      await aWhile();
      await client.post(`/v1/jobs/${id}/cancel`, { reason: 'not needed', gracePeriod: 20 });
    },
    ends: ['cancelled', 'terminated'],
  },
  cancelledAtOnce: {
    act: async (id, { client }) => void (await client.post(`/v1/jobs/${id}/cancel`, {})),
    ends: ['cancelled', 'succeeded', 'terminated'],
  },
  cancelledByForce: {
    input: hanging,
    async act(id, { client }) {
      await aWhile();
      await client.post(`/v1/jobs/${id}/cancel`, { mode: 'force' });
    },
    ends: ['terminated', 'cancelled'],
  },
  terminatedByAnOperator: {
    input: hanging,
    async act(id, { operator }) {
      await aWhile();
      await until(() => operator.workflow.getHandle(id).terminate('by an operator'), {
        what: `Temporal takes the end of ${id}`,
        limitMs: 60_000,
        everyMs: 500,
      });
    },
    ends: ['terminated'],
  },
  retried: {
    async act(id, { client }) {
      await client.post(`/v1/jobs/${id}/cancel`, { reason: 'to be retried' });
      const { status } = await client.jobWhen(id, () => false);
      if (status === 'succeeded') return [];
      const retry = await client.post<{ id: string }>(`/v1/jobs/${id}/retry`, {});
      if (retry.status !== 202) throw new Error(`the retry of ${id} was answered ${retry.status}`);
      return [retry.body.id];
    },
    ends: ['cancelled', 'terminated', 'succeeded'],
  },
};

/** Words that the result of a job has to count, when it succeeds. */
export const savedWords = (scenario: string, wordCount: number): number =>
  scenario === 'reviewed' ? keptWords : wordCount;
