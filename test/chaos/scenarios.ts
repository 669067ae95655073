import { setTimeout as pause } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { sql } from 'kysely';
import type { ExtractArticleResult, ExtractArticleReview } from '../../job-types/extract-article.js';
import type { CreateStoryResult } from '../../job-types/create-story.js';
import type { FinalStatus, Job } from '../../job-types/contract/job.js';
import { createTheme } from '../../job-types/create-theme.js';
import { generateCoverLetter } from '../../job-types/generate-cover-letter.js';
import { generateCv } from '../../job-types/generate-cv.js';
import { translateWords } from '../../job-types/translate-words.js';
import type { Database } from '../../store/database.js';
import { until } from '../harness/until.js';
import type { PatientClient } from './patient-client.js';

export interface Actors {
  client: PatientClient;
  operator: Client;
}

export interface Scenario {
  /** Of a job that is not about the article. */
  job?: () => { type: string; input: Record<string, unknown> };
  /** Added to the job's input. */
  input?: Record<string, unknown>;
  /** Added to the request. */
  request?: () => Record<string, unknown>;
  /** What its people do once it is there. @returns the ids of jobs they started by it */
  act?: (id: string, actors: Actors) => Promise<string[] | void>;
  /** How it may end. */
  ends: readonly FinalStatus[];
  /** What is wrong with what a job has saved that succeeded; a plain one has its words counted. */
  left?: (job: Job, db: Database) => Promise<string[]>;
}

const keys = ['alpha', 'beta', 'gamma'];
/** Of a job about the article. */
export const wordCount = 30;
const keptWords = 20;
const hanging = { model: 'openai/hang-mid-stream' };

const applications = ['1', '2', '3'];
const conversations = ['sea', 'sky', 'city'];

const oneOf = <T>(some: readonly T[]): T => some[Math.floor(Math.random() * some.length)] as T;

/** Two of an application take turns, and each leaves a version. */
const written = (type: typeof generateCv | typeof generateCoverLetter): Scenario => ({
  job: () => ({ type: type.name, input: { ...type.example, applicationId: oneOf(applications) } }),
  request: () => ({ onConflict: 'queue' }),
  ends: ['succeeded'],
  left: ({ id }, db) => savedOnce(db, { id, table: 'document_versions' }),
});

/** A message to a conversation that others write to as well: they are answered in order. */
const talk = (model: string, ends: readonly FinalStatus[]): Scenario => ({
  job: () => ({
    type: 'chatReply',
    input: { conversation: oneOf(conversations), message: 'And what then?', model },
  }),
  ends,
  left: async ({ id }, db) => {
    const turns = await db
      .selectFrom('conversation_turns')
      .select('reply_status')
      .where('root_job_id', '=', id)
      .execute();
    const found = turns.map((turn) => turn.reply_status).join();
    return found === 'complete' ? [] : [`has left the reply ${found}`];
  },
});

/** Of which there is research. */
export const subjects = ['The Lighthouse', 'The Storm'];

const story = (budget?: object): Pick<Scenario, 'job' | 'request' | 'left'> => ({
  job: () => ({ type: 'createStory', input: { subject: oneOf(subjects), player: 'Inés' } }),
  request: () => ({ onConflict: 'queue', ...(budget && { budget }) }),
  async left({ id, result }, db) {
    const rows = await db
      .selectFrom('story_segments')
      .select('number')
      .where('job_id', '=', id)
      .orderBy('number')
      .execute();
    const { segments, planned, missing } = result as CreateStoryResult;
    const absent = new Set(missing.map(({ segment }) => segment));
    const there = Array.from({ length: planned }, (_, index) => index + 1).filter((one) => !absent.has(one));
    const found = rows.map(({ number }) => number).join();
    return found === there.join() && segments === there.length
      ? []
      : [`has the segments ${found}, and says ${there.join()}`];
  },
});

/** A question whose longest answer is more than it may spend. */
const limited = (onExceed: 'wait' | 'fail'): Pick<Scenario, 'job' | 'request' | 'left'> => ({
  job: () => ({ type: 'ask', input: { prompt: 'Tell a long story. '.repeat(20) } }),
  request: () => ({ budget: { maxTokens: 150, onExceed } }),
  left: async () => [],
});

/** What a person says to a job at its budget. */
const atBudget =
  (value: object): Scenario['act'] =>
  async (id, { client }) => {
    const { done, waitingFor } = await client.jobWhen(id, (job) => Boolean(job.waitingFor[0]?.data));
    if (done) return;
    const answer = { name: 'budget', id: waitingFor[0]?.id, value };
    const { status, body } = await client.post(`/v1/jobs/${id}/input`, answer);
    if (status !== 200) throw new Error(`the answer to ${id} was refused: ${JSON.stringify(body)}`);
  };

const themed = (type: typeof translateWords | typeof createTheme): Scenario => ({
  job: () => ({ type: type.name, input: { ...type.example } }),
  // The stand-in knows nothing of words, and what it says may be of no use.
  ends: ['succeeded', 'failed'],
  left: async () => [],
});

const savedOnce = async (db: Database, { id, table }: { id: string; table: string }): Promise<string[]> => {
  const { rows } = await sql<{ count: number }>`
    select count(*)::integer as count from ${sql.table(table)} where job_id = ${id}`.execute(db);
  const count = rows[0]?.count ?? 0;
  return count === 1 ? [] : [`has left ${count} rows in ${table}`];
};

const between = (from: number, to: number): number => from + Math.random() * (to - from);
const aWhile = () => pause(between(500, 6_000));

/** What people do with jobs. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  plain: { ends: ['succeeded'] },
  cv: written(generateCv),
  letter: written(generateCoverLetter),
  translated: themed(translateWords),
  themed: themed(createTheme),
  reply: talk('openai/instant', ['succeeded']),
  slowReply: talk('openai/slow', ['succeeded']),
  stoppedReply: {
    ...talk('openai/hang-mid-stream', ['cancelled', 'terminated']),
    async act(id, { client }) {
      await aWhile();
      await client.post(`/v1/jobs/${id}/cancel`, { reason: 'enough', gracePeriod: 20 });
    },
  },
  story: { ...story(), ends: ['succeeded'] },
  // Before its plan is made it has nothing to keep.
  cheapStory: { ...story({ maxTokens: 4_000, onExceed: 'fail' }), ends: ['succeeded', 'failed'] },
  allowedMore: {
    ...limited('wait'),
    act: atBudget({ allow: { tokens: 100_000 } }),
    ends: ['succeeded'],
  },
  endedAtBudget: { ...limited('wait'), act: atBudget({ end: true }), ends: ['succeeded', 'failed'] },
  failedAtBudget: { ...limited('fail'), ends: ['failed', 'succeeded'] },
  forked: {
    async act(id, { client }) {
      const { status } = await client.jobWhen(id, () => false);
      if (status !== 'succeeded') return [];
      const headers = { 'idempotency-key': `fork of ${id}`.replaceAll(' ', '-') };
      const fork = await client.post<{ id: string }>(`/v1/jobs/${id}/fork`, { fromStep: 'save' }, headers);
      if (fork.status !== 202) throw new Error(`the fork of ${id} was answered ${fork.status}`);
      return [fork.body.id];
    },
    ends: ['succeeded'],
  },
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

/** What is wrong with what a job has saved that succeeded. */
export async function wrongIn(scenario: string, { job, db }: { job: Job; db: Database }): Promise<string[]> {
  const { left } = scenarios[scenario] ?? {};
  if (left) return left(job, db);
  const { newWords, updatedWords } = job.result as ExtractArticleResult;
  const wanted = scenario === 'reviewed' ? keptWords : wordCount;
  const counted = newWords + updatedWords;
  return counted === wanted ? [] : [`counts ${counted} words, not ${wanted}`];
}
