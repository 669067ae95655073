import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobEvent } from '../../../job-types/contract/event.js';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { Failure } from '../../../job-types/contract/failure.js';
import type { Job } from '../../../job-types/contract/job.js';
import type { EventPage } from '../../../src/events/event-pages.js';
import { endsOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { type OwnServers, ownServers } from '../../harness/own-servers.js';
import { nineInTenMs } from '../../harness/prompt.js';
import { until } from '../../harness/until.js';
import { numbers, upTo } from '../../harness/watched-jobs.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

const awayMs = 10_000;
/** Of a poll while the database is away, on a machine that does other things too. */
const quickMs = 3_000;
const languages = ['de', 'it', 'pt', 'nl', 'sv', 'da', 'pl', 'cs'];

/** `stopped`: connections break and are refused. `silent`: they stay, and nothing comes. */
type How = 'stopped' | 'silent';

let servers: OwnServers;
let proxy: TcpProxy;
let house: House;

/** Words of another language are other words, so that what a job saved can be counted. */
const request = (n: number) => ({
  type: 'extractArticle',
  input: { url: `${house.web.url}article`, sourceLang: 'es', targetLang: languages[n], wordCount: 5 },
});
const submit = <T = Job>(n: number, headers: Record<string, string> = {}) =>
  house.request<T>('POST', '/v1/jobs', request(n), headers);

/** Jobs in every part of their work, and polls of them all, from before the outage until after it. */
async function outage(how: How) {
  const ids: string[] = [];
  const start = async (durationMs: number) => {
    house.models.next('slow', { durationMs });
    const { status, body } = await house.start(request(ids.length));
    expect(status).toBe(202);
    ids.push(body.id);
  };
  // Two answers come to an end while the database is away, one when it is back.
  for (const durationMs of [2_000, 5_000, 13_000]) await start(durationMs);
  await until(() => house.models.calls.length >= ids.length, { what: 'the models are asked' });

  if (how === 'stopped') await servers.postgres.stop();
  else proxy.freeze();
  const from = performance.now();
  const polled: { status: number; tookMs: number }[] = [];
  const poll = async () => {
    while (performance.now() - from < awayMs) {
      for (const id of ids) {
        const at = performance.now();
        const { status } = await house.request('GET', `/v1/jobs/${id}`);
        polled.push({ status, tookMs: performance.now() - at });
      }
      await pause(50);
    }
  };
  const submits = async () => {
    await start(500);
    const key = { 'idempotency-key': randomUUID() };
    const keyed = await submit<Failure>(ids.length, key);
    return { key, keyed };
  };
  const [{ key, keyed }] = await Promise.all([submits(), poll(), poll()]);
  if (how === 'stopped') await servers.restartPostgres();
  else proxy.restore();

  // What the client was told to repeat.
  const again = await until(
    async () => {
      const answer = await submit(ids.length, key);
      return answer.status === 202 && answer;
    },
    { what: 'the submit is accepted again' },
  );
  ids.push(again.body.id);
  return { ids, polled, keyed };
}

/** The log of an ended job, whole. */
async function logOf(id: string): Promise<JobEvent[]> {
  const items: JobEvent[] = [];
  for (;;) {
    const after = items.at(-1)?.seq ?? 0;
    const { body } = await house.request<EventPage>('GET', `/v1/jobs/${id}/events?after=${after}&limit=1000`);
    items.push(...body.items);
    if (body.done || body.items.length === 0) return items;
  }
}

/** What the model said in the last attempt that was not reset. */
function textOf(log: readonly JobEvent[]): string {
  const reset = log.findLastIndex(({ type }) => type === 'output.reset');
  const said = log.slice(reset + 1).filter(({ type }) => type === 'output.delta');
  return said.map(({ data }) => data['text'] as string).join('');
}

/** Every attempt of every step, begun and ended, once and in order; then the end. The submit itself may be lost. */
function expectWhole(log: readonly JobEvent[], job: Job): void {
  expect(numbers(log)).toEqual(upTo(log.length));
  const told = log.filter(({ type }) => !/^(output|job\.(progress|queued))/.test(type));
  const attempts = job.steps.flatMap(({ name, attempt }) =>
    upTo(attempt ?? 0).flatMap((n) => [
      ['step.started', name, n],
      [n === attempt ? 'step.succeeded' : 'step.failed', name, n],
    ]),
  );
  expect(told.map(({ type, step, attempt }) => [type, step, attempt])).toEqual([
    ['job.running', null, null],
    ...attempts,
    ['job.succeeded', null, null],
    ['end', null, null],
  ]);
  const { words } = JSON.parse(textOf(log)) as { words: unknown[] };
  expect(words).toHaveLength((job.result as ExtractArticleResult).words.length);
}

describe.each<How>(['stopped', 'silent'])('a database that is away for 10 s (%s)', (how) => {
  let ids: string[];
  let polled: { status: number; tookMs: number }[];
  let keyed: { status: number; headers: Record<string, unknown>; body: Failure };

  beforeAll(async () => {
    servers = await ownServers();
    const database = new URL(servers.env.DATABASE_URL);
    proxy = await startTcpProxy({ host: database.hostname, port: Number(database.port) });
    database.port = String(proxy.port);
    house = await openHouse({ ...servers.env, DATABASE_URL: database.href });
    await house.startWorker();
    ({ ids, polled, keyed } = await outage(how));
  });
  afterAll(async () => {
    await house.close();
    await proxy.close();
    await servers.close();
  });

  it('does not keep polls from being answered at once', () => {
    expect(new Set(polled.map(({ status }) => status))).toEqual(new Set([200]));
    const took = Math.round(nineInTenMs(polled.map(({ tookMs }) => tookMs)));
    process.stdout.write(
      `${polled.length} polls with the database ${how}, nine in ten took ${took} ms at most\n`,
    );
    expect(took).toBeLessThan(quickMs);
  });

  it('lets a submit wait that has to look for its key, and says so', () => {
    expect(keyed).toMatchObject({ status: 503, body: { code: 'storage-unavailable', retryable: true } });
    expect(Number(keyed.headers['retry-after'])).toBeGreaterThan(0);
  });

  it('costs no job its end, no save is lost or made twice, and every log is whole', async () => {
    for (const id of ids) {
      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.succeeded(5));
      expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
      expect(job.steps.map(({ name, status }) => [name, status])).toEqual([
        ['fetch', 'succeeded'],
        ['extract', 'succeeded'],
        ['save', 'succeeded'],
      ]);
      expectWhole(await logOf(id), job);
    }
    expect(house.models.calls).toHaveLength(ids.length);
  });
});

failOnLeftovers();
