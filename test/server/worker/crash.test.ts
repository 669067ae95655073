import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Job } from '../../../job-types/contract/job.js';
import type { ExtractArticleResult } from '../../../job-types/extract-article.js';
import type { BehaviourName, BehaviourOptions, Call } from '../../../scripts/stand-ins/model-server.js';
import { endsOf, stepOf, unanimous } from '../../harness/ends.js';
import { type House, openHouse } from '../../harness/house.js';
import { failOnLeftovers } from '../../harness/leftovers.js';
import { inFewRounds, leastMs, promptMs } from '../../harness/prompt.js';
import { lockTable } from '../../harness/table-lock.js';
import { until } from '../../harness/until.js';
import type { WorkerProcess } from '../../harness/worker-process.js';

// A silent worker is noticed after 10 s (model) or 30 s (save), and drains for 10 s.
jest.setTimeout(180_000);

/** Three workers that start at once are slow on a small machine. */
const patienceMs = 60_000;

/** Three houses, so that the long waits pass at the same time. */
let killed: House;
let stopped: House;
let forgetful: House;

beforeAll(async () => {
  [killed, stopped, forgetful] = await Promise.all([openHouse(), openHouse(), openHouse()]);
});
afterAll(() => Promise.all([killed.close(), stopped.close(), forgetful.close()]));

interface Answering {
  id: string;
  /** As it was submitted. */
  job: Job;
  call: Call;
}

/** A job whose model has begun to answer. */
async function answering(house: House, as: [BehaviourName, BehaviourOptions?]): Promise<Answering> {
  const before = house.models.calls.length;
  house.models.next(...as);
  const job = await house.submit();
  const call = await until(() => house.models.calls[before], {
    what: 'the model is asked',
    limitMs: patienceMs,
  });
  await until(() => call.bytesSent > 200, { what: 'the model has begun to answer', limitMs: patienceMs });
  return { id: job.id, job, call };
}

const receipt = (house: House, id: string, step: string) =>
  house.db
    .selectFrom('receipts')
    .select('outcome')
    .where('root_job_id', '=', id)
    .where('step', '=', step)
    .executeTakeFirst();

let midCall: Answering;
let cutShort: Answering;
let nearlyDone: Answering;
let drained: Promise<string>;
let unheard: string;

describe('after a worker died in the middle of the model call', () => {
  // What happens to the other houses is set going here too: their long waits then pass meanwhile.
  beforeAll(async () => {
    await Promise.all([killTheWorkerMidCall(), stopTheWorkerMidCall(), loseTheAnswerOfTheSave()]);
  });

  async function killTheWorkerMidCall() {
    const worker = await killed.startWorker();
    midCall = await answering(killed, ['hang-mid-stream']);
    await worker.kill();
  }

  it('the status still answers, with the steps from the event log', async () => {
    let job = midCall.job;
    const least = await leastMs(promptMs, async () => {
      const at = performance.now();
      job = await killed.job(midCall.id);
      return performance.now() - at;
    });
    expect(least).toBeLessThan(promptMs);
    expect(job).toMatchObject({ status: 'running', done: false, failure: null });
    // On a slow machine the silence of the worker may have been noticed by now.
    expect(job.steps.map(({ status }) => status.replace('retrying', 'running'))).toEqual([
      'succeeded',
      'running',
      'pending',
    ]);
  });

  it('a new job waits, and says so at once and that no worker takes it after a while', async () => {
    // Words of another language are other words, so that those of a job can be counted.
    const languages = ['de', 'it', 'pt', 'nl', 'sv'];
    const waiting = async () => {
      const at = performance.now();
      const submitted = await killed.submit({ targetLang: languages.shift() });
      const job = await killed.job(submitted.id);
      expect(job).toMatchObject({ status: 'queued', done: false, stalled: null });
      expect(performance.now() - at).toBeLessThan(promptMs);
      return job;
    };
    const { id } = await inFewRounds(waiting, languages.length);
    const job = await killed.jobWhen(id, 'the job is stalled', ({ stalled }) => stalled !== null);
    expect(job).toMatchObject({ status: 'queued', stalled: { reason: 'no-worker' } });
    await killed.startWorker();
    const { job: _, ...ends } = await endsOf(killed, id);
    expect(ends).toEqual(unanimous.succeeded(5));
  });

  it('the job ends well on the second attempt, saved once', async () => {
    const { job } = await endsOf(killed, midCall.id);
    expect(job).toMatchObject({ status: 'succeeded', failure: null });
    expect(stepOf(job, 'extract')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect(stepOf(job, 'save')).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
    expect((job.result as ExtractArticleResult).words).toHaveLength(5);
    expect(midCall.call.abandoned).toBe(true);
    const rows = killed.db.selectFrom('words').select('id').where('job_id', '=', midCall.id);
    expect(await rows.execute()).toHaveLength(5);
  });
});

describe('a worker that is asked to stop in the middle of a model call', () => {
  it('lets a call finish that is nearly done', async () => {
    const { job, ...ends } = await endsOf(stopped, nearlyDone.id);
    expect(ends.api).toBe('succeeded');
    expect(stepOf(job, 'extract')).toMatchObject({ status: 'succeeded', attempt: 1 });
    expect(nearlyDone.call).toMatchObject({ finished: true, abandoned: false });
  });

  it('hands a longer one over to another worker, and no answer that was cut off is saved', async () => {
    expect(await drained).toMatch(/^(0|143|SIGTERM)$/);
    expect(cutShort.call.abandoned).toBe(true);
    const { job } = await endsOf(stopped, cutShort.id);
    expect(job).toMatchObject({ status: 'succeeded', failure: null, partial: false });
    expect(stepOf(job, 'extract')).toMatchObject({ status: 'succeeded', attempt: 2 });
    expect((job.result as ExtractArticleResult).words).toHaveLength(5);
    expect(await stopped.db.selectFrom('words').select('id').execute()).toHaveLength(5);
  });
});

async function stopTheWorkerMidCall() {
  const worker = await stopped.startWorker();
  cutShort = await answering(stopped, ['hang-mid-stream']);
  nearlyDone = await answering(stopped, ['slow', { durationMs: 4_000 }]);
  await stopped.startWorker();
  drained = worker.stop();
}

describe('a cancel after the save has committed and its answer is lost', () => {
  it('is accepted while Temporal still believes that the save runs', async () => {
    const { pendingActivities } = (await forgetful.temporal.workflow.getHandle(unheard).describe()).raw;
    expect(pendingActivities).toMatchObject([{ activityId: 'save' }]);
    const order = { reason: 'late', gracePeriod: 120 };
    const { status } = await forgetful.ask('POST', `/v1/jobs/${unheard}/cancel`, order);
    expect(status).toBe(202);
    expect(await forgetful.job(unheard)).toMatchObject({ status: 'cancelling', done: false });
  });

  it('ends as the receipt says, for everybody', async () => {
    await forgetful.startWorker();
    const { job, ...ends } = await endsOf(forgetful, unheard);
    expect(ends).toEqual(unanimous.succeeded(5));
    expect(job.result).toMatchObject({ newWords: 5, updatedWords: 0 });
    expect(stepOf(job, 'save').status).toBe('succeeded');
  });
});

/** Kills the worker when the words are saved and before Temporal has heard of it. */
async function loseTheAnswerOfTheSave() {
  const worker: WorkerProcess = await forgetful.startWorker();
  const url = forgetful.env['DATABASE_URL'] ?? '';
  const words = await lockTable(url, 'words');
  ({ id: unheard } = await forgetful.submit());
  const begun = forgetful.db.selectFrom('events').select('seq').where('job_id', '=', unheard);
  await until(() => begun.where('step', '=', 'save').executeTakeFirst(), {
    what: 'the save has begun',
    limitMs: patienceMs,
  });
  // A step's events are flushed before its result is handed over: held up, they hold up the result.
  const logs = await lockTable(url, 'event_logs');
  await words.release();
  await until(() => receipt(forgetful, unheard, 'save'), {
    what: 'the save has committed',
    limitMs: patienceMs,
  });
  await worker.kill();
  await logs.release();
}

failOnLeftovers();
