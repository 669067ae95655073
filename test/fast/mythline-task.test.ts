import { describe, expect, it } from '@jest/globals';
import { type Job, JobStatus, type StepView } from '../../job-types/contract/job.js';
import type { JobType } from '../../job-types/contract/job-type.js';
import { jobTypes } from '../../job-types/index.js';
import { ConfigError } from '../../src/config.js';
import { startType } from '../../src/compat/mythline/start-type.js';
import { toStoryProgress } from '../../src/compat/mythline/story-progress.js';
import { toTaskStatus } from '../../src/compat/mythline/task.js';
import { JobRequest } from '../../src/jobs/job-request.js';

const aJob = (status: Job['status'], steps: StepView['status'][]): Job =>
  ({
    status,
    steps: steps.map((one, index) => ({ name: `step ${index}`, status: one })),
    progress: { percent: 50, step: null, stepIndex: null, stepCount: steps.length, message: 'Waits.' },
  }) as Job;

it.each([
  ['waiting', ['succeeded', 'pending'], 2],
  ['cancelling', ['succeeded', 'succeeded'], 2],
  ['waiting', ['succeeded', 'failed', 'pending'], 3],
] as [Job['status'], StepView['status'][], number][])(
  'a task of Mythline that is %s between two steps says where it is: %j',
  (status, steps, step) => {
    expect(toTaskStatus(aJob(status, steps))).toEqual({
      status: 'running',
      progress: 50,
      current_step: 'Waits.',
      step,
      total_steps: steps.length,
    });
  },
);

it('a task of Mythline that has not begun is in no step', () => {
  expect(toTaskStatus(aJob('queued', ['pending', 'pending']))).toEqual({ status: 'running', progress: 50 });
});

/** What the page of that system knows of each state of a job. */
const words: Record<JobStatus, string> = {
  ...{ scheduled: 'running', queued: 'running', running: 'running', waiting: 'running' },
  ...{ cancelling: 'running', succeeded: 'completed', failed: 'error', cancelled: 'cancelled' },
  ...{ terminated: 'error', timed_out: 'error' },
};

const isOver = (status: JobStatus) => words[status] !== 'running';

/** A job in the state, of which as little is known as can be. */
const jobIn = (status: JobStatus, change: Partial<Job> = {}): Job => ({
  ...aJob(status, ['pending', 'pending']),
  ...{ type: 'createStory', done: isOver(status), waitingFor: [], startedAt: null, failure: null },
  result: { status: 'complete', segments: 3, planned: 3, missing: [] },
  ...change,
});

describe.each(JobStatus.options)('a job of Mythline that is %s', (status) => {
  it('reads as its task does', () => {
    const { status: word, progress, error, result } = toTaskStatus(jobIn(status));
    expect(word).toBe(words[status]);
    expect(typeof progress === 'number').toBe(word === 'running' || word === 'completed');
    expect(error !== undefined).toBe(word === 'error');
    expect(result !== undefined).toBe(word === 'completed');
  });

  it('reads as its story does, which knows no other end than completed and error', () => {
    const { message, status: word, progress } = toStoryProgress(jobIn(status), []);
    expect(message).toMatch(/./);
    const over = status === 'succeeded' ? ['completed', 100] : ['error', 0];
    expect([word, progress]).toEqual(isOver(status) ? over : ['starting', 50]);
  });
});

describe('a story of Mythline', () => {
  it('is starting until its planning begins, also where the job has had its turn to wait for', () => {
    const startedAt = new Date().toISOString();
    const waits = jobIn('queued', { startedAt });
    expect(toStoryProgress(waits, []).status).toBe('starting');
    expect(toStoryProgress({ ...waits, status: 'running' }, []).status).toBe('starting');
    const begun: StepView['status'][] = ['running', 'retrying', 'paused', 'succeeded', 'failed'];
    for (const step of begun) {
      const { steps } = aJob('running', [step, 'pending']);
      expect([step, toStoryProgress({ ...waits, status: 'running', steps }, []).status]).toEqual([
        step,
        'running',
      ]);
    }
  });

  it('that waits for a person is running, and says what for', () => {
    const waitingFor = [{ name: 'budget' }] as Job['waitingFor'];
    const { status, message } = toStoryProgress(jobIn('waiting', { waitingFor }), []);
    expect([status, message]).toEqual(['running', 'Waits for a person to answer: budget.']);
  });

  it('that is done in part names what is missing', () => {
    const missing = [{ segment: 2, what: 'the dialogue', why: 'The key was refused.' }];
    const result = { status: 'partial', segments: 2, planned: 3, missing };
    expect(toStoryProgress(jobIn('succeeded', { result }), [])).toEqual({
      ...{ status: 'completed', progress: 100 },
      message: expect.stringMatching(/2 of 3 segments.*segment 2 \(the dialogue\): The key was refused\./),
    });
  });
});

describe('the type of a task of one text', () => {
  const languages = { sourceLang: expect.any(String), targetLang: expect.any(String) };
  const usable: Record<string, { field: string; rest: object }> = {
    ask: { field: 'prompt', rest: {} },
    extractArticle: { field: 'url', rest: languages },
    createTheme: { field: 'theme', rest: languages },
    summariseFolder: { field: 'inputDir', rest: {} },
  };

  it.each(Object.keys(usable))('may be %s', (name) => {
    const { type, field, rest } = startType(name);
    expect({ type, field, rest }).toEqual({ type: name, ...usable[name] });
    const { example } = (jobTypes as Record<string, JobType>)[name] as JobType;
    const data = (example as Record<string, string>)[field];
    expect(JobRequest.safeParse({ type, input: { ...rest, [field]: data } }).success).toBe(true);
  });

  it.each(Object.keys(jobTypes).filter((name) => !(name in usable)))(
    'cannot be %s, which takes more',
    (name) => {
      expect(() => startType(name)).toThrow(ConfigError);
    },
  );

  it('cannot be one that there is not', () => {
    expect(() => startType('writePoem')).toThrow(/TASK_START_TYPE: there is no job type "writePoem"/);
  });
});
