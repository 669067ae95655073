import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { sql } from 'kysely';
import { endsOf, stepOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { lockNumber, lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import { type TcpProxy, startTcpProxy } from '../../stand-ins/tcp-proxy.js';

jest.setTimeout(180_000);

/** Two workers that start at once are slow on a small machine. */
const patienceMs = 60_000;

let house: House;
/** Between the worker of some tests and the database. */
let proxy: TcpProxy;
let throughProxy: Record<string, string>;

beforeAll(async () => {
  house = await openHouse();
  const url = new URL(house.env['DATABASE_URL'] ?? '');
  proxy = await startTcpProxy({ host: url.hostname, port: Number(url.port) });
  url.port = String(proxy.port);
  throughProxy = { DATABASE_URL: url.href };
});
afterAll(async () => {
  proxy.restore();
  await house.close();
  await proxy.close();
});

const noted = (id: string) =>
  house.db.selectFrom('attempts_under_way').select('activity').where('job_id', '=', id).execute();

/** Until the database knows that the step is under way. */
const untilNoted = (id: string, activity: string) =>
  until(async () => (await noted(id)).some((row) => row.activity === activity), {
    what: `the step ${activity} is noted as under way`,
    limitMs: patienceMs,
  });

const callsOf = (id: string) =>
  house.db
    .selectFrom('model_calls')
    .select(['outcome', 'attempt'])
    .where('job_id', '=', id)
    .orderBy('id')
    .execute();

/** With which the attempts before the one that came through were ended, as Temporal tells. */
async function failuresOf(id: string) {
  const { events } = await house.temporal.workflow.getHandle(id).fetchHistory();
  return events?.flatMap(
    ({ activityTaskStartedEventAttributes: started }) =>
      started?.lastFailure?.applicationFailureInfo?.type ?? [],
  );
}

/** Of a job that is the only one to ask for it. */
const timesAsked = () => house.models.calls.length;

describe('after kill -9', () => {
  it('a model call is tried again by another worker long before a heartbeat is missed', async () => {
    const languages = ['fr', 'da', 'pl', 'cs', 'ro'];
    const isTriedAgain = async () => {
      const worker = await house.startWorker();
      const before = timesAsked();
      house.models.next('hang-mid-stream');
      const { id } = await house.submit({ targetLang: languages.shift() });
      await untilNoted(id, 'extract');
      await until(() => timesAsked() === before + 1, { what: 'the model is asked' });
      const other = await house.startWorker();
      await worker.kill();
      await until(() => timesAsked() === before + 2, { what: 'the model is asked again' });
      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.succeeded(5));
      expect(stepOf(job, 'extract')).toMatchObject({ attempt: 2, lastFailure: null });
      expect(await callsOf(id)).toEqual([
        { outcome: 'lost', attempt: 1 },
        { outcome: 'answered', attempt: 2 },
      ]);
      await until(async () => (await noted(id)).length === 0, { what: 'nothing is noted any more' });
      await other.stop();
      return failuresOf(id);
    };
    // Had the heartbeat been missed first, it would be a time-out. A machine that stands still misses it now and then.
    let failures = await isTriedAgain();
    while (failures?.length === 0 && languages.length > 0) failures = await isTriedAgain();
    expect(failures).toEqual(['worker-lost']);
  });

  it('a save is tried again although it has no heartbeat, by the successor, and counts once', async () => {
    const worker = await house.startWorker();
    const words = await lockTable(house.env['DATABASE_URL'] ?? '', 'words');
    const { id } = await house.submit({ targetLang: 'de' });
    await untilNoted(id, 'save');
    await worker.kill();
    await house.jobWhen(id, 'the step says that its worker is gone', (job) => {
      return stepOf(job, 'save').lastFailure?.code === 'worker-lost';
    });
    await words.release();
    const successor = await house.startWorker();
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.succeeded(5));
    expect(await failuresOf(id)).toEqual(['worker-lost']);
    expect(stepOf(job, 'save').attempt).toBe(2);
    expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
    await successor.stop();
  });
});

describe('a step whose workers die in its model call, one after the other', () => {
  it('buys three answers, and then says why there is no fourth', async () => {
    const before = timesAsked();
    const deaths = [1, 2, 3];
    for (const _ of deaths) house.models.next('hang-mid-stream');
    const { id } = await house.submit({ targetLang: 'sv' });
    for (const death of deaths) {
      const worker = await house.startWorker();
      await until(() => timesAsked() === before + death, { what: 'the model is asked', limitMs: patienceMs });
      await untilNoted(id, 'extract');
      await worker.kill();
    }
    const last = await house.startWorker();
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.failed);
    expect(job.failure).toMatchObject({
      code: 'worker-lost',
      step: 'extract',
      attempt: 4,
      retryable: false,
      detail: expect.stringMatching(/^3 workers died in a call of this step/),
    });
    expect(timesAsked()).toBe(before + deaths.length);
    expect(await callsOf(id)).toEqual(deaths.map((attempt) => ({ outcome: 'lost', attempt })));
    await last.stop();
  });
});

describe('an answer whose last byte has come', () => {
  const held = 4711;

  /** Holds up whoever says what became of a call. */
  async function holdSettling() {
    await sql`
      create function hold_settling() returns trigger language plpgsql as
      'begin perform pg_advisory_xact_lock(4711); return new; end'`.execute(house.db);
    await sql`
      create trigger hold_settling before update of outcome on model_calls
      for each row execute function hold_settling()`.execute(house.db);
    return lockNumber(house.env['DATABASE_URL'] ?? '', held);
  }

  it('is not bought again when its worker is killed before it has done anything with it', async () => {
    const settling = await holdSettling();
    const worker = await house.startWorker();
    const before = timesAsked();
    const { id } = await house.submit({ targetLang: 'nl' });
    const kept = house.db.selectFrom('kept_answers').select('reads').where('job_id', '=', id);
    await until(() => kept.executeTakeFirst(), { what: 'the answer is kept', limitMs: patienceMs });
    await worker.kill();
    await settling.release();
    await sql`drop function hold_settling cascade`.execute(house.db);
    const successor = await house.startWorker();
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.succeeded(5));
    expect(timesAsked()).toBe(before + 1);
    expect(await callsOf(id)).toEqual([{ outcome: 'answered', attempt: 1 }]);
    expect(job.usage?.outputTokens).toBe(house.models.calls.at(-1)?.told?.output);
    expect(await kept.execute()).toEqual([]);
    await successor.stop();
  });
});

describe('a worker that lives and has lost its database session', () => {
  it('keeps the step it has when the session is back at once', async () => {
    const worker = await house.startWorker();
    const languages = ['it', 'hu', 'fi', 'sk', 'bg'];
    const keeps = async () => {
      house.models.next('slow', { durationMs: 4_000 });
      const before = timesAsked();
      const { id } = await house.submit({ targetLang: languages.shift() });
      await untilNoted(id, 'extract');
      await sql`
        select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'longhaul-worker-lifeline' and datname = current_database()`.execute(
        house.db,
      );
      const { job, ...ends } = await endsOf(house, id);
      expect(ends).toEqual(unanimous.succeeded(5));
      return stepOf(job, 'extract').attempt === 1 && timesAsked() === before + 1;
    };
    // On a busy machine a session may take longer to come back than a dead worker is waited for.
    const kept: boolean[] = [];
    const isMostlyKept = () => kept.filter(Boolean).length > kept.length / 2;
    // In two rounds of three, or three of five.
    while (kept.length < 3 || (!isMostlyKept() && languages.length > 0)) kept.push(await keeps());
    expect(isMostlyKept()).toBe(true);
    await worker.stop();
  });

  it('is taken for dead when it cannot come back, and then nothing is saved twice and every call is on the bill', async () => {
    const worker = await house.startWorker(throughProxy);
    house.models.next('slow', { durationMs: 4_000 });
    const before = timesAsked();
    const { id } = await house.submit({ targetLang: 'pt' });
    await untilNoted(id, 'extract');
    proxy.cut();
    await house.jobWhen(id, 'the step is taken from it', (job) => (stepOf(job, 'extract').attempt ?? 0) > 1);
    proxy.restore();
    const { job, ...ends } = await endsOf(house, id);
    expect(ends).toEqual(unanimous.succeeded(5));
    expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
    const calls = await callsOf(id);
    expect(calls).toHaveLength(timesAsked() - before);
    expect(calls.filter(({ outcome }) => outcome === 'answered')).toHaveLength(1);
    await worker.stop();
  });
});

failOnLeftovers();
