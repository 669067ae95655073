import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { News } from '../../store/events.js';
import type { Notices } from '../../src/database/notices.js';
import type { FactFinder } from '../../src/reading/fact-finder.js';
import { type Facts, noFacts } from '../../src/reading/facts.js';
import { JobReader } from '../../src/reading/job-reader.js';
import type { Run } from '../../src/reading/run.js';
import type { Runs } from '../../src/reading/runs.js';
import { startedRun } from '../../src/reading/undescribed-run.js';
import type { TemporalClient } from '../../src/temporal/temporal-client.js';
import { failOnLeftovers } from '../harness/leftovers.js';
import { until } from '../harness/until.js';

const jobId = 'job_read';
const pollers = 2_000;
/** Of one poll. Each that is not answered at once may look a second time. */
const looks = 3;

const at = new Date().toISOString();
const step: Run['activities'][number] = {
  step: 'extract',
  item: null,
  activityType: 'extractWords',
  attempt: 1,
  maxAttempts: null,
  lastFailure: null,
  nextRetryAt: null,
  waitingSince: null,
  pausedSince: null,
  startedAt: at,
  heartbeat: null,
};
const memo = { owner: 'local', tags: [], metadata: {}, createdAt: at };
const running: Run = {
  ...startedRun({ jobId, runId: 'run', type: 'extractArticle', memo, delayMs: 0 }),
  begun: true,
  activities: [step],
};

/** A reader of one running job, whose Temporal and database answer when they are told to. */
function readerOf(of: () => Promise<Facts> = async () => noFacts) {
  const asked: PromiseWithResolvers<Run>[] = [];
  const toldAgain: PromiseWithResolvers<void>[] = [];
  let looked = 0;
  let hear: (jobId: string, news: News) => void = () => undefined;
  const runs = {
    get crowded() {
      looked += 1;
      // A poll that looks for ever would never let this test end.
      if (looked > looks * 2 * pollers) throw new Error('The polls look again and again.');
      return false;
    },
    describeInTurn() {
      const call = Promise.withResolvers<Run>();
      asked.push(call);
      return call.promise;
    },
  };
  const facts = {
    of,
    async retold() {
      const call = Promise.withResolvers<void>();
      toldAgain.push(call);
      await call.promise;
      return { ...noFacts, said: { output: { step: 'extract', attempt: 1, text: `${toldAgain.length}` } } };
    },
  };
  const notices = {
    subscribe: (heard: typeof hear) => (hear = heard),
    onConnected: () => undefined,
    healthy: () => true,
  };
  const reader = new JobReader(
    { silent: false, runLink: () => null } as unknown as TemporalClient,
    runs as unknown as Runs,
    facts as unknown as FactFinder,
    notices as unknown as Notices,
  );
  return {
    reader,
    asked,
    toldAgain,
    looks: () => looked,
    hear: (news: News) => hear(jobId, news),
    poll: () => Promise.all(Array.from({ length: pollers }, () => reader.read(jobId, 'local'))),
  };
}

describe('many who poll a job whose step talks', () => {
  let job: ReturnType<typeof readerOf>;
  beforeEach(async () => {
    job = readerOf();
    const first = job.reader.read(jobId, 'local');
    job.asked[0]?.resolve(running);
    await first;
  });

  it('are given what was read before while Temporal is late, and look no second time for nothing', async () => {
    job.hear('state');
    const early = job.reader.read(jobId, 'local');
    job.hear('talk');
    await early;
    const before = job.looks();
    const jobs = await job.poll();
    expect(new Set(jobs.map(({ status }) => status))).toEqual(new Set(['running']));
    expect(job.looks() - before).toBeLessThanOrEqual(looks * pollers);
    expect(job.asked).toHaveLength(2);
    job.asked[1]?.resolve(running);
  });

  it('wait for one look into its log at a time, and are told what was said before they asked', async () => {
    job.hear('talk');
    const early = job.poll();
    await until(() => job.toldAgain.length === 1, { what: 'the log is looked into' });
    job.hear('talk');
    const late = job.poll();
    await turn();
    expect(job.toldAgain).toHaveLength(1);
    job.toldAgain[0]?.resolve();
    expect(new Set((await early).map(({ output }) => output?.text))).toEqual(new Set(['1']));
    await until(() => job.toldAgain.length === 2, { what: 'it is looked into once more' });
    job.toldAgain[1]?.resolve();
    expect(new Set((await late).map(({ output }) => output?.text))).toEqual(new Set(['2']));
    expect(job.toldAgain).toHaveLength(2);
  });
});

it('keeps what a workflow has said when another read of the same state ends later, and has not asked it', async () => {
  const found: PromiseWithResolvers<Facts>[] = [];
  const job = readerOf(() => {
    const call = Promise.withResolvers<Facts>();
    found.push(call);
    return call.promise;
  });
  const first = job.reader.read(jobId, 'local');
  job.hear('state');
  const second = job.reader.read(jobId, 'local');
  for (const call of job.asked) call.resolve(running);
  await until(() => found.length === 2, { what: 'both look for facts' });
  // The history has not grown: nobody asks the workflow once more.
  found[0]?.resolve({ ...noFacts, state: 'run/3', source: 'live' });
  expect((await first).progress.source).toBe('live');
  found[1]?.resolve({ ...noFacts, state: 'run/3' });
  expect((await second).progress.source).toBe('live');
});

failOnLeftovers();
