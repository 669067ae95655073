import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { Job } from '../../../job-types/contract/job.js';
import { JobTeller } from '../../../src/database/job-teller.js';
import { submitted } from '../../../src/database/api-events.js';
import { createEvents, stateKey } from '../../../store/events.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { inFewRounds, leastMs, promptMs } from '../../harness/prompt.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import { whileTemporalBusy } from '../../harness/while-busy.js';

let house: House;

beforeAll(async () => {
  house = await openHouse({ MODELS: 'openai/hang-mid-stream' });
});
afterAll(() => house.close());

const log = (id: string): Promise<JobEvent[]> => createEvents(house.db).list(id, { after: 0, limit: 1_000 });
const told = (id: string, type: JobEvent['type']) =>
  until(async () => (await log(id)).find((event) => event.type === type), { what: `${type} is told` });
const typesOf = (events: readonly JobEvent[]) =>
  events.map(({ type }) => type).filter((type) => type.startsWith('job.') && type !== 'job.progress');

const usual = () => ({
  url: `${house.web.url}article`,
  sourceLang: 'es',
  targetLang: 'fr',
  wordCount: 5,
});

async function submit(
  options: Record<string, unknown> = {},
  input: Record<string, unknown> = {},
): Promise<Job> {
  const body = { type: 'extractArticle', input: { ...usual(), ...input }, ...options };
  const answer = await house.start(body);
  expect(answer.status).toBe(202);
  return answer.body;
}

describe('a submit', () => {
  it('is told as queued, with what the job is about', async () => {
    const { id } = await submit({ tags: ['first', 'second'] });
    expect(await told(id, 'job.queued')).toMatchObject({ seq: 1, data: {} });
    const known = await house.db
      .selectFrom('event_logs')
      .select(['owner', 'type', 'subject', 'tags'])
      .where('job_id', '=', id)
      .executeTakeFirst();
    expect(known).toEqual({
      owner: 'local',
      type: 'extractArticle',
      subject: `${house.web.url}article`,
      tags: ['first', 'second'],
    });
  });

  it('for later is told as scheduled, with the time', async () => {
    const { id } = await submit({ delay: 3_600 });
    const { data } = await told(id, 'job.scheduled');
    const inMs = Date.parse(data['startAt'] as string) - Date.now();
    expect(inMs).toBeGreaterThan(3_500_000);
    expect(inMs).toBeLessThanOrEqual(3_600_000);
    await house.request('POST', `/v1/jobs/${id}/cancel`, { mode: 'force' });
  });

  it('nobody was told of is told when it is repeated, once', async () => {
    const input = { url: `${house.web.url}article`, sourceLang: 'es', targetLang: 'fr' };
    const headers = { 'idempotency-key': randomUUID() };
    const body = { type: 'extractArticle', input };
    const repeat = () => house.ask<Job>('POST', '/v1/jobs', body, headers);
    const { id } = (await repeat()).body;
    await told(id, 'job.queued');
    // As after a start that Temporal confirmed too late.
    await house.db.deleteFrom('events').where('job_id', '=', id).execute();
    await repeat();
    await told(id, 'job.queued');
    await repeat();
    await house.submit().then(({ id: later }) => told(later, 'job.queued'));
    expect(typesOf(await log(id))).toEqual(['job.queued']);
  });

  it('that is told late, after a worker has begun the job, adds nothing to its log', async () => {
    const [id, runId] = [`job_${randomUUID()}`, randomUUID()];
    const events = createEvents(house.db);
    const time = new Date().toISOString();
    await events.append(id, [{ key: stateKey(runId, 'running'), type: 'job.running', time }]);
    const about = { owner: 'local', type: 'extractArticle', subject: 'late' };
    const teller = house.api.get(JobTeller);
    teller.tell(id, submitted({ runId, about, startAt: null }));
    await until(
      async () =>
        (
          await house.db
            .selectFrom('event_logs')
            .select('subject')
            .where('job_id', '=', id)
            .executeTakeFirst()
        )?.subject,
      { what: 'the subject is known' },
    );
    expect(typesOf(await log(id))).toEqual(['job.running']);
  });

  it('is answered at once while nobody can append, and told when that is over', async () => {
    const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'event_logs');
    const ids: string[] = [];
    const post = () => house.request<Job>('POST', '/v1/jobs', { type: 'extractArticle', input: usual() });
    const least = await leastMs(promptMs, async () => {
      const from = performance.now();
      const { status, body } = await whileTemporalBusy(post);
      expect(status).toBe(202);
      ids.push(body.id);
      return performance.now() - from;
    });
    expect(least).toBeLessThan(promptMs);
    await lock.release();
    for (const id of ids) await told(id, 'job.queued');
  });
});

describe('a cancel', () => {
  it('is told when it has been sent, with its reason, once, before the job is cancelled', async () => {
    await house.startWorker();
    const cancelled = async () => {
      const { id } = await submit({}, { model: 'openai/hang-mid-stream' });
      await told(id, 'output.delta');
      const cancel = (reason: string) => house.ask('POST', `/v1/jobs/${id}/cancel`, { reason });
      await cancel('enough of it');
      await cancel('once more');
      await told(id, 'job.cancelled');
      const all = await log(id);
      expect(typesOf(all)).toContain('job.cancelling');
      return all;
    };
    // A job that has stopped before the API could tell is not told to be stopping.
    const events = await inFewRounds(cancelled);
    expect(typesOf(events).filter((type) => type !== 'job.queued')).toEqual([
      'job.running',
      'job.cancelling',
      'job.cancelled',
    ]);
    expect(events.find(({ type }) => type === 'job.cancelling')?.data).toEqual({
      reason: 'enough of it',
      mode: 'graceful',
      by: null,
    });
  });
});

describe('a job that queues for its concurrency key', () => {
  it('says so once, and behind whom', async () => {
    const key = randomUUID();
    const first = await submit({ concurrencyKey: key }, { model: 'openai/hang-mid-stream' });
    await told(first.id, 'output.delta');
    const second = await submit({ concurrencyKey: key });
    const queued = await until(
      async () => (await log(second.id)).find(({ type, data }) => type === 'job.queued' && 'key' in data),
      { what: 'the second one says that it queues' },
    );
    expect(queued.data).toEqual({ key, behind: first.id });
    await house.ask('POST', `/v1/jobs/${first.id}/cancel`, {});
    await told(second.id, 'job.succeeded');
    const types = typesOf(await log(second.id));
    expect(types.slice(-3)).toEqual(['job.queued', 'job.running', 'job.succeeded']);
    expect(types.filter((type) => type === 'job.running')).toHaveLength(1);
    expect(typesOf(await log(first.id)).at(-1)).toBe('job.cancelled');
  });
});

failOnLeftovers();
