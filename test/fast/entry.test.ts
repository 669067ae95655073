import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import type { ArchivedJob } from '../../job-types/contract/outcome.js';
import { type Answer, mostEntries, newEntry, weightOf } from '../../src/reading/entry.js';
import { noFacts } from '../../src/reading/facts.js';
import { toJob } from '../../src/reading/job-view.js';
import type { SnapshotQuery } from '../../src/reading/snapshot-query.js';
import { archivedRun } from '../../src/reading/undescribed-run.js';
import { heldHeap } from '../harness/garbage.js';

const query = {} as SnapshotQuery;

/** A job as it is read, with as many words, and texts of its own. */
function answerWith(words: number): Answer {
  const at = new Date().toISOString();
  const word = (n: number) => ({
    word: `${randomUUID()}-${n}`,
    lemma: `lemma-${n}`,
    partOfSpeech: 'noun',
    gender: null,
    translation: `translation-${randomUUID()}`,
    examples: [`An example of ${randomUUID()} in a sentence.`],
  });
  const step = (name: string) => ({
    name,
    status: 'succeeded' as const,
    startedAt: at,
    finishedAt: at,
    failure: null,
    counts: null,
    notes: [],
  });
  const outcome = {
    status: 'succeeded' as const,
    startedAt: at,
    finishedAt: at,
    steps: ['fetch', 'extract', 'save'].map(step),
    usage: null,
    output: null,
    waitingFor: [],
    answers: [],
    failure: null,
    result: { newWords: words, words: Array.from({ length: words }, (_, n) => word(n)) },
  };
  const memo = { owner: 'local', tags: ['one'], metadata: { a: randomUUID() } };
  const job: ArchivedJob = { type: 'extractArticle', owner: 'local', createdAt: at, memo, outcome };
  const [jobId, runId] = [`job_${randomUUID()}`, randomUUID()];
  // As it comes from the database, where nothing is shared with any other.
  const own = JSON.parse(JSON.stringify({ job, jobId, runId })) as {
    job: ArchivedJob;
    jobId: string;
    runId: string;
  };
  const run = archivedRun({ ...own, type: job.type, owner: 'local', finishedAt: at, status: 'succeeded' });
  const facts = {
    ...noFacts,
    snapshot: own.job.outcome,
    outcome: own.job.outcome,
    log: new Map(
      outcome.steps.map(({ name }) => [
        name,
        {
          name,
          status: 'succeeded' as const,
          attempt: 1,
          lastFailure: null,
          startedAt: at,
          finishedAt: at,
          reused: false,
        },
      ]),
    ),
  };
  return { run, facts, job: toJob(run, { facts, temporalUi: `http://127.0.0.1/${runId}` }) };
}

describe('what is kept of a job', () => {
  it.each([0, 30, 300])('is reckoned as no less than it takes, with %d words', (words) => {
    const count = 200;
    answerWith(words);
    const before = heldHeap();
    const entries = Array.from({ length: count }, () => {
      const answer = answerWith(words);
      const promise = Promise.resolve(answer);
      return {
        ...newEntry(query),
        answer: promise,
        loaded: promise,
        older: { answer, at: Date.now() },
        known: answer,
      };
    });
    const each = (heldHeap() - before) / count;
    const reckoned = weightOf(entries[0]?.older.answer ?? answerWith(words));
    expect(reckoned).toBeGreaterThan(each);
    expect(entries).toHaveLength(count);
  });

  it('is bounded for all jobs together, with their texts, to less than 100 MB', () => {
    expect(mostEntries.maxSize).toBeLessThanOrEqual(80_000_000);
  });
});
