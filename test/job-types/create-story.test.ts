import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Budget, Exceeded } from '../../job-types/contract/budget.js';
import type { Failure } from '../../job-types/contract/failure.js';
import type { Job } from '../../job-types/contract/job.js';
import type { CreateStoryResult } from '../../job-types/create-story.js';
import type { Story } from '../../src/library/story-views.js';
import { type House, openHouse } from '../harness/house.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { runsOf } from '../harness/runs-of.js';
import { saveStarted } from '../harness/save-started.js';
import { planSaid, reviewSaid, saveResearch } from '../harness/stories.js';
import { lockTable } from '../harness/table-lock.js';
import { until } from '../harness/until.js';
import { whileBusy } from '../harness/while-busy.js';
import type { WorkerProcess } from '../harness/worker-process.js';

let house: House;
let worker: WorkerProcess;

beforeAll(async () => {
  house = await openHouse();
  worker = await house.startWorker();
});
afterAll(() => house.close());

const patienceMs = 120_000;

/** 5,000 tokens by our count. */
const longText = 'The boats come home, one after the other. '.repeat(500).slice(0, 20_000);

/** What the model says next, in its order; what follows is made from the prompts. */
const says = (...texts: string[]) => texts.forEach((text) => house.models.next('answer', { text }));

/** The first so many segments, each followed by its review. The third is the dialogue. */
const segmentsSaid = (many: number): string[] =>
  Array.from({ length: many }, (_, index) => [
    index === 2 ? JSON.stringify({ lines: [{ actor: 'Marta', line: 'Hold it.' }] }) : `Segment ${index + 1}.`,
    reviewSaid(1),
  ]).flat();

/**
 * A story of so many segments in all.
 * @param tell what the model does behind the plan: before there is a job, which may ask before its submit is answered
 */
async function submit(segments: number, tell: () => void = () => undefined): Promise<Job> {
  const subject = `Subject ${randomUUID()}`;
  await saveResearch(house, subject);
  says(planSaid(segments - 2));
  tell();
  return house.submitJob('createStory', { subject, player: 'Inés' });
}

/** One that may spend so much. */
async function limited(budget: Budget): Promise<Job> {
  const subject = `Subject ${randomUUID()}`;
  await saveResearch(house, subject);
  const input = { subject, player: 'Inés' };
  const { status, body } = await house.start({ type: 'createStory', input, budget });
  expect(status).toBe(202);
  return body;
}
const done = (id: string) => house.jobWhen(id, 'the job is done', (job) => job.done, patienceMs);
const resultOf = (job: Job) => job.result as CreateStoryResult;
const subjectOf = (job: Job) => job.concurrencyKey ?? '';
const read = async (job: Job): Promise<Story> => {
  const path = `/v1/stories/${encodeURIComponent(subjectOf(job))}`;
  return (await house.ask<Story>('GET', path)).body;
};
const numbersOf = async (job: Job): Promise<number[]> => {
  const { introduction, segments, conclusion } = await read(job);
  return [introduction.rounds, ...segments.map(({ number }) => number), conclusion.rounds];
};
const stepsOf = ({ steps }: Job) =>
  Object.fromEntries(steps.map(({ name, status, done: over, failed }) => [name, [status, over, failed]]));
/** What is said of a step comes before its call. */
const modelHangs = () =>
  until(() => house.models.calls.at(-1)?.behaviour === 'hang-mid-stream', { what: 'the model is asked' });
const messageIs = (pattern: RegExp) => (job: Job) => pattern.test(job.progress.message ?? '');

describe('createStory', () => {
  it('plans, writes, reviews and appends, and the story is read', async () => {
    const job = await submit(4, () => {
      says('The storm is near.', reviewSaid(0.9), 'Inés crosses the Teeth.', reviewSaid(0.8));
      says(JSON.stringify({ lines: [{ actor: 'Marta', line: 'Hold it.' }] }), reviewSaid(9));
      says('All boats are home.', reviewSaid(1));
    });
    const end = await done(job.id);
    expect(end).toMatchObject({ status: 'succeeded', partial: false, failure: null });
    expect(stepsOf(end)).toEqual({
      plan: ['succeeded', null, null],
      write: ['succeeded', 4, 0],
      review: ['succeeded', 4, 0],
      append: ['succeeded', 4, 0],
      finish: ['succeeded', null, null],
    });
    expect(resultOf(end)).toMatchObject({
      ...{ title: 'Forty seconds', status: 'complete', segments: 4, planned: 4 },
      ...{ missing: [], unreviewed: [], researchVersion: 1, provider: 'openai/answer' },
    });
    const good = { rounds: 1, reviewFailure: null };
    expect(await read(job)).toMatchObject({
      ...{ status: 'complete', written: 4, planned: 4, player: 'Inés', jobId: job.id },
      introduction: { text: 'The storm is near.', ...good },
      segments: [
        {
          ...{ number: 2, questIds: ['quest-1'], phase: 'exec', section: 'narration', ...good },
          ...{ text: 'Inés crosses the Teeth.', lines: null },
        },
        {
          ...{ number: 3, section: 'dialogue', text: null, lines: [{ actor: 'Marta', line: 'Hold it.' }] },
          // It counted to ten.
          review: { scores: { lore: 0.9, narrative: 0.9, consistency: 0.9 } },
        },
      ],
      conclusion: { text: 'All boats are home.', ...good },
    });
  });

  it('is forked at a step with items, whose items are done again, and reuses those of the steps before', async () => {
    const job = await submit(4, () => says(...segmentsSaid(4)));
    const first = resultOf(await done(job.id));
    const forked = async (fromStep: string) => {
      const asked = house.models.calls.length;
      const key = { 'idempotency-key': randomUUID() };
      const { body } = await house.ask<Job>('POST', `/v1/jobs/${job.id}/fork`, { fromStep }, key);
      const end = await done(body.id);
      expect(end).toMatchObject({ status: 'succeeded', failure: null, result: first });
      expect(await read(job)).toMatchObject({ status: 'complete', written: 4, jobId: body.id });
      return { reuses: end.forkOf?.reuses, asked: house.models.calls.length - asked };
    };
    says(...[1, 2, 3, 4].map(() => reviewSaid(1)));
    expect(await forked('review')).toEqual({ reuses: ['plan', 'write'], asked: 4 });
    expect(await forked('append')).toEqual({ reuses: ['plan', 'write', 'review'], asked: 0 });
  });

  it('is refused without research on its subject, and the refusal points at it', async () => {
    const input = { subject: 'Nobody knows', player: 'Inés' };
    for (const more of [{}, { validateOnly: true }]) {
      const { status, body } = await house.ask<Failure>('POST', '/v1/jobs', {
        ...{ type: 'createStory', input, ...more },
      });
      expect([status, body.code]).toEqual([422, 'research-missing']);
      expect(body.detail).toContain('researchSubject');
      expect(body.errors).toEqual([{ pointer: '/input/subject', detail: expect.any(String) }]);
    }
  });

  it('writes a segment anew with what the reviewer wants, and keeps the best', async () => {
    const asked = house.models.calls.length;
    const job = await submit(3, () =>
      says('First.', reviewSaid(0.2), 'Second.', reviewSaid(0.6), 'Third.', reviewSaid(0.4)),
    );
    const end = await done(job.id);
    expect(await read(job)).toMatchObject({
      introduction: { text: 'Second.', rounds: 3, review: { summary: 'It is 0.6.' } },
    });
    expect(stepsOf(end)).toMatchObject({ write: ['succeeded', 3, 0], review: ['succeeded', 3, 0] });
    expect(end.partial).toBe(false);
    const again = house.models.calls
      .slice(asked + 3)
      .map(({ body }) => JSON.stringify(body))
      .find((body) => body.includes('More fog.'));
    expect(again).toContain('First.');
    expect(house.models.calls).toHaveLength(asked + 1 + 2 * 3 + 2 * 2);
  });

  it('keeps a segment that nobody could review, and says so', async () => {
    const job = await submit(3, () => {
      says('The storm is near.');
      house.models.next('wrong-key');
    });
    const end = await done(job.id);
    expect(end).toMatchObject({ status: 'succeeded', partial: true });
    expect(stepsOf(end)['review']).toEqual(['succeeded', 2, 1]);
    expect(resultOf(end)).toMatchObject({ status: 'complete', missing: [], unreviewed: [1], segments: 3 });
    expect((await read(job)).introduction).toMatchObject({
      ...{ text: 'The storm is near.', review: null, reviewFailure: expect.stringContaining('key') },
    });
  });

  it('whose segment fails for good is partial, and names what is missing', async () => {
    const job = await submit(4, () => {
      says('The storm is near.', reviewSaid(1));
      house.models.next('content-filter');
    });
    const end = await done(job.id);
    expect(end).toMatchObject({ status: 'succeeded', partial: true });
    const missing = [
      {
        segment: 2,
        what: expect.stringContaining('Quest 1'),
        why: expect.stringContaining('not tried again'),
      },
    ];
    expect(resultOf(end)).toMatchObject({ status: 'partial', segments: 3, planned: 4 });
    expect(resultOf(end).missing.map(({ segment, what }) => [segment, what])).toEqual([
      [2, missing[0]?.what],
    ]);
    const story = await read(job);
    expect(story).toMatchObject({ status: 'partial', written: 3, planned: 4 });
    expect(story.segments.map(({ number }) => number)).toEqual([3]);
  });

  it('asks again for a segment that broke off, gives an empty one up, and keeps one in another language', async () => {
    const asked = house.models.calls.length;
    const job = await submit(4, () => {
      house.models.next('cut-mid-stream', { text: 'Half of it.' });
      says('The storm is near.', reviewSaid(1));
      for (let times = 0; times < 3; times += 1) house.models.next('empty');
      says(JSON.stringify({ lines: [{ actor: 'Marta', line: 'Hold it.' }] }), reviewSaid(1));
      says('Все лодки дома.', reviewSaid(1));
    });
    const end = await done(job.id);
    expect(end).toMatchObject({ status: 'succeeded', partial: true });
    expect(resultOf(end).missing.map(({ segment }) => segment)).toEqual([2]);
    const story = await read(job);
    expect(story).toMatchObject({
      introduction: { text: 'The storm is near.' },
      conclusion: { text: 'Все лодки дома.' },
    });
    // The plan, and for the segments: two and a review, three, and twice one with a review.
    expect(house.models.calls).toHaveLength(asked + 1 + 3 + 3 + 2 * 2);
  });

  it('begins nothing more behind three segments that failed in a row', async () => {
    const job = await submit(7, () => {
      says('The storm is near.', reviewSaid(1));
      for (let times = 0; times < 3; times += 1) house.models.next('wrong-key');
    });
    const end = await done(job.id);
    expect(resultOf(end)).toMatchObject({ status: 'partial', segments: 1, planned: 7 });
    expect(resultOf(end).missing.map(({ segment }) => segment)).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it('fails where no segment could be written', async () => {
    const job = await submit(5, () => {
      for (let times = 0; times < 3; times += 1) house.models.next('wrong-key');
    });
    expect(await done(job.id)).toMatchObject({
      status: 'failed',
      failure: { code: 'provider-key-refused', step: 'write', item: '3' },
    });
  });

  it('goes on in the fifth segment though the worker dies in the middle of it', async () => {
    const asked = house.models.calls.length;
    const job = await submit(7, () => {
      says(...segmentsSaid(4));
      house.models.next('hang-mid-stream', { text: 'A long fifth segment.' });
    });
    const percents: number[] = [];
    await house.jobWhen(
      job.id,
      'the fifth is being written',
      (now) => {
        percents.push(now.progress.percent);
        return messageIs(/^Segment 5 of 7: writing/)(now) && (now.output?.text ?? '') !== '';
      },
      patienceMs,
    );
    await modelHangs();
    await worker.kill();
    worker = await house.startWorker();
    const end = await house.jobWhen(
      job.id,
      'the job is done',
      (now) => {
        percents.push(now.progress.percent);
        return now.done;
      },
      patienceMs,
    );
    expect(end).toMatchObject({ status: 'succeeded' });
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    expect(resultOf(end)).toMatchObject({ status: 'complete', segments: 7, missing: [] });
    expect((await read(job)).segments.map(({ text }) => text).slice(0, 3)).toEqual([
      'Segment 2.',
      null,
      'Segment 4.',
    ]);
    const rows = house.db
      .selectFrom('story_segments')
      .select(({ fn }) => [fn.countAll<string>().as('rows')])
      .where('job_id', '=', job.id);
    expect(await rows.executeTakeFirst()).toEqual({ rows: '7' });
    // Each is asked for once, but for the one that was lost.
    expect(house.models.calls).toHaveLength(asked + 1 + 2 * 7 + 1);
  }, 200_000);

  it('is cancelled between two segments, and what was appended stays', async () => {
    const lock = await lockTable(house.env['DATABASE_URL'] ?? '', 'story_segments');
    const job = await submit(5);
    await saveStarted(house, job.id, 'append');
    await house.ask('POST', `/v1/jobs/${job.id}/cancel`, {});
    await lock.release();
    const end = await done(job.id);
    expect([end.status, stepsOf(end)['append']]).toEqual(['cancelled', ['cancelled', 1, 0]]);
    const story = await read(job);
    expect(story).toMatchObject({ status: 'partial', written: 1, planned: 5, finishedAt: null });
    // The retry begins before its answer comes.
    const asked = house.models.calls.length;
    const retry = await until(
      async () => {
        const answer = await house.ask<Job>('POST', `/v1/jobs/${job.id}/retry`);
        return answer.status < 300 && answer.body;
      },
      { what: 'the retry is taken' },
    );
    expect(await done(retry.id)).toMatchObject({ status: 'succeeded', partial: false });
    expect(await numbersOf(job)).toEqual([1, 2, 3, 4, 1]);
    // The plan and the first segment with its review were paid before.
    expect(house.models.calls).toHaveLength(asked + 2 * 4);
  }, 200_000);

  it('whose story is deleted while it is written fails, and brings nothing back', async () => {
    const job = await submit(4, () => {
      says('The storm is near.', reviewSaid(1));
      house.models.next('hang-mid-stream');
    });
    await house.jobWhen(job.id, 'the second is written', messageIs(/^Segment 2 of 4: writing/), patienceMs);
    await modelHangs();
    const url = `/v1/stories/${encodeURIComponent(subjectOf(job))}`;
    const remove = () => house.api.inject({ method: 'DELETE', url });
    expect((await whileBusy(remove, ({ statusCode }) => statusCode)).statusCode).toBe(204);
    await worker.kill();
    worker = await house.startWorker();
    expect(await done(job.id)).toMatchObject({ status: 'failed', failure: { code: 'story-deleted' } });
    expect((await house.ask('GET', url)).status).toBe(404);
  }, 200_000);
});

describe('a story whose budget ends in the middle of a segment', () => {
  /** As little more as the call needs that was not made, and 300 tokens for its answer. */
  const aLittleMore = ({ cap, spent, wanted }: Exceeded) => ({ tokens: spent + wanted - 32_000 + 300 - cap });
  const allow = (job: Job, more: { tokens: number }) =>
    house.ask('POST', `/v1/jobs/${job.id}/input`, {
      ...{ name: 'budget', id: job.waitingFor[0]?.id, value: { allow: more } },
    });
  const reached = (job: Job) => job.waitingFor[0]?.data as unknown as Exceeded;
  /** Allows little by little, until it waits with the beginning of the long segment. */
  const waitsInTheSegment = (id: string) =>
    until(
      async () => {
        const job = await house.job(id);
        if (!job.waitingFor[0]?.data) return false;
        if (job.output !== null && longText.startsWith(job.output.text)) return job;
        await allow(job, aLittleMore(reached(job)));
        return false;
      },
      { what: 'it waits in the middle of the second segment', limitMs: patienceMs },
    );
  /** Of four segments, of which the second is far longer than what is left of the budget. */
  const saysALongOne = () => says(planSaid(2), 'The storm is near.', reviewSaid(1), longText);
  /** What it may spend to come to the middle of the second segment. */
  let cap: number;

  it('waits with what was written of it, and goes on in that segment', async () => {
    saysALongOne();
    const { id } = await limited({ maxTokens: 1, onExceed: 'wait' });
    const job = await waitsInTheSegment(id);
    ({ cap } = reached(job));
    expect(job).toMatchObject({ status: 'waiting', output: { step: 'write' } });
    expect(job.output?.text.length).toBeGreaterThan(20);
    expect(stepsOf(job)).toMatchObject({ write: ['running', 1, 0], append: ['running', 1, 0] });
    expect(await read(job)).toMatchObject({ status: 'writing', written: 1, planned: 4 });
    says('Segment 2.', reviewSaid(1), ...segmentsSaid(4).slice(4));
    const asked = house.models.calls.length;
    expect((await allow(job, { tokens: 500_000 })).status).toBe(200);
    const end = await done(id);
    expect(end).toMatchObject({ status: 'succeeded', partial: false, budget: { maxTokens: cap + 500_000 } });
    expect(resultOf(end)).toMatchObject({ status: 'complete', segments: 4, missing: [] });
    expect((await read(job)).segments[0]).toMatchObject({ number: 2, text: 'Segment 2.' });
    // Nothing before that segment is asked for again.
    expect(house.models.calls).toHaveLength(asked + 2 * 3);
  }, 200_000);

  it('is kept in part where it was not to wait, and names what is missing and why', async () => {
    saysALongOne();
    const asked = house.models.calls.length;
    const { id } = await limited({ maxTokens: cap, onExceed: 'fail' });
    const end = await done(id);
    expect(end).toMatchObject({ status: 'succeeded', partial: true, failure: null });
    expect(resultOf(end)).toMatchObject({ status: 'partial', segments: 1, planned: 4 });
    const { missing } = resultOf(end);
    expect(missing.map(({ segment }) => segment)).toEqual([2, 3, 4]);
    for (const { why } of missing) expect(why).toContain(`of ${cap} tokens (maxTokens) are spent`);
    expect(await read(end)).toMatchObject({
      ...{ status: 'partial', written: 1, planned: 4 },
      introduction: { text: 'The storm is near.' },
    });
    const { inputTokens = 0, outputTokens = 0 } = end.usage ?? {};
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(cap);
    expect(house.models.calls.length - asked).toBeLessThanOrEqual(4);
  }, 200_000);

  it('fails where there is nothing to keep', async () => {
    const { id } = await limited({ maxTokens: 1, onExceed: 'fail' });
    expect(await done(id)).toMatchObject({
      status: 'failed',
      failure: { code: 'budget-exceeded', step: 'plan' },
    });
  });
});

describe('a story of 40 segments', () => {
  it('keeps the history of every run short, with three rounds a segment', async () => {
    const job = await submit(40, () => {
      for (let segment = 1; segment <= 20; segment += 1) {
        for (const score of [0.1, 0.2, 0.3]) {
          const lines = JSON.stringify({ lines: [{ actor: 'Marta', line: `${score}` }] });
          says(segment === 3 ? lines : `Segment ${segment}.`, reviewSaid(score));
        }
      }
    });
    const percents: number[] = [];
    const end = await house.jobWhen(
      job.id,
      'the job is done',
      (now) => {
        percents.push(now.progress.percent);
        return now.done;
      },
      3 * patienceMs,
    );
    expect(resultOf(end)).toMatchObject({ status: 'complete', segments: 40, missing: [] });
    expect(percents).toEqual(percents.toSorted((a, b) => a - b));
    const runs = await runsOf(house, job.id);
    expect(runs.map(({ status }) => status)).toEqual(['CONTINUED_AS_NEW', 'COMPLETED']);
    for (const { runId } of runs) {
      const { historyLength } = await house.temporal.workflow.getHandle(job.id, runId).describe();
      expect(historyLength).toBeLessThan(4_000);
    }
  }, 400_000);

  it('is cancelled in its second run, and keeps what the first has appended', async () => {
    const job = await submit(24, () => {
      says(...segmentsSaid(20));
      house.models.next('hang-mid-stream');
    });
    await house.jobWhen(job.id, 'the 21st is written', messageIs(/^Segment 21 of 24: writing/), patienceMs);
    await modelHangs();
    const { body } = await house.ask<Job>('POST', `/v1/jobs/${job.id}/cancel`, { reason: 'Enough.' });
    expect(body.cancel).toMatchObject({ reason: 'Enough.' });
    expect(await done(job.id)).toMatchObject({ status: 'cancelled', cancel: { reason: 'Enough.' } });
    expect((await runsOf(house, job.id)).map(({ status }) => status)).toEqual([
      'CONTINUED_AS_NEW',
      'CANCELLED',
    ]);
    expect(await read(job)).toMatchObject({ status: 'partial', written: 20, planned: 24 });
  }, 200_000);
});

failOnLeftovers();
