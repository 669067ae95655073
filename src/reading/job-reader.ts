import { Injectable } from '@nestjs/common';
import { WorkflowNotFoundError } from '@temporalio/client';
import { type Job, isFinal } from '../../job-types/contract/job.js';
import type { News } from '../../store/events.js';
import { isDatabaseUnavailable } from '../../store/unavailable.js';
import { Notices } from '../database/notices.js';
import { Problem } from '../problems/problems.js';
import { TemporalClient, isTemporalUnavailable } from '../temporal/temporal-client.js';
import { within } from '../within.js';
import { FactFinder } from './fact-finder.js';
import type { Facts } from './facts.js';
import { type Answer, Entries, type Entry } from './entry.js';
import { Freshness, good } from './freshness.js';
import { farAs, noLess } from './furthest.js';
import { toJob } from './job-view.js';
import { type Run, lengthSeen } from './run.js';
import { Runs } from './runs.js';
import { SnapshotQuery } from './snapshot-query.js';
import { archivedRun } from './undescribed-run.js';

/** What an id of ours can look like, with room for other people's workflow ids. */
const wellFormed = /^[\x21-\x7e]{1,250}$/;

/** Answers what a job is, with at most one `describe` in flight a job and one query a change of its history. Writes nothing. */
@Injectable()
export class JobReader {
  private readonly entries = new Entries(() => new SnapshotQuery(this.temporal));
  private readonly freshness = new Freshness();

  constructor(
    private readonly temporal: TemporalClient,
    private readonly runs: Runs,
    private readonly facts: FactFinder,
    private readonly notices: Notices,
  ) {
    notices.subscribe((jobId, news) => this.noticed(jobId, news));
    notices.onConnected(() => this.missed());
  }

  /** @throws {Problem} job-not-found, for another owner's job too. */
  async read(jobId: string, owner: string): Promise<Job> {
    const { job } = await this.answer(jobId);
    if (job.owner !== owner) throw notFound(jobId);
    return job;
  }

  /** For us alone: whoever's it is. Null when there is no such job. */
  async find(jobId: string): Promise<{ job: Job; run: Run } | null> {
    try {
      return await this.answer(jobId);
    } catch (error) {
      if (error instanceof Problem && error.code === 'job-not-found') return null;
      throw error;
    }
  }

  /** Whether one that is not known yet would have to wait in line. */
  get crowded(): boolean {
    return this.runs.crowded;
  }

  /** Without asking whose it is, like `read`: as fresh as pollers get it. */
  async shared(jobId: string): Promise<Job> {
    return (await this.answer(jobId)).job;
  }

  /** Asked again unless it is being read, for who watches it: as `shared`, it may be older while Temporal is busy. */
  async again(jobId: string): Promise<Job> {
    const entry = this.entries.of(jobId);
    if (Number.isFinite(entry.readAt)) entry.answer = null;
    return this.shared(jobId);
  }

  /** As it is now, not as it was a moment ago; one that is being read is not read twice. */
  async fresh(jobId: string): Promise<Job> {
    const entry = this.entries.of(jobId);
    if (Number.isFinite(entry.readAt)) entry.answer = null;
    const answer = this.answer(jobId);
    return (await (entry.loaded ?? answer)).job;
  }

  /** What was read of the job, if it is no older than what pollers get. */
  atHand(jobId: string): Answer | null {
    const entry = this.entries.peek(jobId);
    if (!entry?.answer || !entry.older) return null;
    const goodMs = this.notices.healthy() ? good.announced : good.open;
    return Date.now() - entry.older.at <= goodMs ? entry.older.answer : null;
  }

  /** What the database adds to a run that nobody has just read; no worker is asked. */
  factsOf(run: Run): Promise<Facts> {
    return this.facts.withoutWorkflow(run, this.entries.of(run.jobId));
  }

  /** A run and its facts, as they are shown. */
  show(described: Run, facts: Facts): Answer {
    const ended = facts.record ? archivedRun(facts.record) : described;
    const run = facts.recording ? stillCancelling(described) : ended;
    const temporalUi = this.temporal.runLink(run.jobId, run.presentRunId);
    return { run, facts, job: toJob(run, { facts, temporalUi }) };
  }

  /** The next read asks Temporal again, and tells nothing that was read before. */
  forget(jobId: string): void {
    const entry = this.entries.peek(jobId);
    if (!entry) return;
    entry.answer = null;
    entry.loaded = null;
    entry.older = null;
  }

  /** With a step or an end in the log the run itself follows within moments: it closes after it has announced its end. */
  private noticed(jobId: string, news: News): void {
    const entry = this.entries.peek(jobId);
    if (!entry) return;
    if (news === 'talk') {
      entry.talked = true;
      return;
    }
    entry.answer = null;
    entry.noticedAt = Date.now();
  }

  /** Notices may have been. A final job has none to miss. */
  private missed(): void {
    for (const entry of this.entries.all()) if (!entry.status || !isFinal(entry.status)) entry.answer = null;
  }

  /** @param waited for what was under way when it was asked: what has begun since is new enough */
  private answer(jobId: string, waited = false): Promise<Answer> {
    if (!wellFormed.test(jobId)) throw notFound(jobId);
    const entry = this.entries.of(jobId);
    const { answer } = entry;
    if (!answer) return this.ask(jobId, entry);
    const now = { announced: this.notices.healthy(), crowded: this.runs.crowded };
    const next = this.freshness.next(entry, now);
    // An older answer may be given while the read goes on. Waited for again and again, it would fill the memory.
    if (next === 'give' || (next === 'wait' && waited)) return answer;
    if (next === 'wait') return answer.then(() => this.answer(jobId, true));
    return next === 'retell' ? this.retell(jobId, entry) : this.ask(jobId, entry);
  }

  /** The job with what the log now adds to what Temporal said last. */
  private retell(jobId: string, entry: Entry): Promise<Answer> {
    // A step that Temporal did not tell of has begun.
    if (!entry.known?.run.activities.some(({ startedAt }) => startedAt)) return this.ask(jobId, entry);
    entry.talked = false;
    entry.retelling = true;
    const { run } = entry.known;
    const facts = { ...entry.known.facts, talked: true };
    entry.known = { run, facts };
    const retold = this.entries.weighed(
      entry,
      this.facts
        .retold(run, facts)
        .then((more) => this.shown(entry, { run, facts: more }))
        .finally(() => {
          entry.retelling = false;
        }),
    );
    entry.answer = retold;
    retold.then(
      (answer) => {
        if (entry.answer === retold && entry.older) entry.older = { ...entry.older, answer };
      },
      // Whoever asked hears it.
      () => undefined,
    );
    return retold;
  }

  private ask(jobId: string, entry: Entry): Promise<Answer> {
    entry.readAt = Number.POSITIVE_INFINITY;
    entry.talked = false;
    entry.failedAt = null;
    const loaded = this.entries.weighed(entry, this.load(jobId, entry));
    const answer = this.orOlder(entry, loaded);
    entry.loaded = loaded;
    entry.answer = answer;
    // Whoever waits for what is loaded may not wait for this.
    answer.catch(() => undefined);
    loaded.then(
      (read) => {
        entry.readAt = Date.now();
        entry.status = read.job.status;
        entry.whole = read.facts.whole;
        if (entry.loaded === loaded) entry.older = { answer: read, at: entry.readAt };
        if (entry.answer === answer) entry.answer = loaded;
      },
      (error: unknown) => {
        entry.readAt = 0;
        if (entry.answer !== answer) return;
        if (isTemporalUnavailable(error)) entry.failedAt = Date.now();
        else entry.answer = null;
      },
    );
    return answer;
  }

  /** While Temporal is busy, an older answer is worth more than none or a late one. One that is away is told. */
  private async orOlder({ older }: Entry, loaded: Promise<Answer>): Promise<Answer> {
    if (!older || Date.now() - older.at > good.busy) return loaded;
    try {
      return await within(good.soon, loaded);
    } catch (error) {
      const late = isDatabaseUnavailable(error) || isTemporalUnavailable(error);
      if (!late || this.temporal.silent) return loaded;
      return older.answer;
    }
  }

  private async load(jobId: string, entry: Entry): Promise<Answer> {
    let run: Run | null;
    try {
      run = await this.runs.describeInTurn(jobId);
    } catch (error) {
      const forgotten = error instanceof WorkflowNotFoundError;
      if (!forgotten && !isTemporalUnavailable(error)) throw error;
      const archived = await this.facts.archived(jobId).catch((cause: unknown) => {
        // With both away it is Temporal that the job could not be read for.
        throw forgotten ? cause : error;
      });
      if (archived) return this.show(archivedRun(archived), await this.facts.ofRecord(archived));
      throw forgotten ? notFound(jobId) : error;
    }
    if (!run) throw notFound(jobId);
    // In a crowd the steps come from the log: a question to the workflow costs Temporal and a worker more than all else.
    const found = await (this.runs.crowded
      ? this.facts.withoutWorkflow(run, entry)
      : this.facts.of(run, entry));
    const facts = withWhatWasSaid(found, entry.known?.facts);
    // Of two that were under way at once the older one may come last.
    if (run.historyLength >= lengthSeen(run, entry.known?.run)) entry.known = { run, facts };
    return this.shown(entry, { run, facts });
  }

  private shown(entry: Entry, { run, facts }: { run: Run; facts: Facts }): Answer {
    const answer = noLess(this.show(run, facts), entry.furthest);
    entry.furthest = farAs(answer);
    return answer;
  }
}

/** As the run was a moment before it was ended by force. */
const stillCancelling = (run: Run): Run => ({
  ...run,
  execution: 'RUNNING',
  cancelRequested: true,
  finishedAt: null,
  activities: [],
});

/**
 * Of two that were under way at once, one alone has asked the workflow, and may come first. If the other one came in its
 * place, nobody would ask again before the history grows. A job that waits would tell of nothing to decide on.
 */
const withWhatWasSaid = (found: Facts, known: Facts | undefined): Facts =>
  found.outcome === null &&
  found.source === 'snapshot' &&
  known?.source === 'live' &&
  known.state === found.state
    ? { ...found, snapshot: known.snapshot, source: 'live' }
    : found;

const notFound = (jobId: string) => new Problem('job-not-found', `There is no job ${jobId}.`);
