import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { JobEvent } from '../../job-types/contract/event.js';
import type { Job } from '../../job-types/contract/job.js';
import { type Actors, scenarios } from './scenarios.js';

/** A job that somebody was promised. */
export interface Promised {
  id: string;
  scenario: string;
  /** Its whole log, as a viewer has seen it from the beginning. */
  log: Promise<JobEvent[]>;
}

/** Jobs whose clients are at work at a time. */
const atOnce = 25;
/** Between two submits, ms. */
const pauseMs = 150;

/** A mixed load of jobs, and what went wrong for the people behind it. */
export class Load {
  readonly promised: Promised[] = [];
  readonly complaints: string[] = [];
  private readonly busy = new Set<Promise<void>>();

  constructor(
    private readonly actors: Actors,
    /** Of every job that is about the article. */
    private readonly input: Readonly<Record<string, unknown>>,
  ) {}

  /** Resolves when all clients have what they came for, or have given up. */
  async run(ms: number): Promise<void> {
    const end = Date.now() + ms;
    const names = Object.keys(scenarios);
    for (let count = 0; Date.now() < end; count += 1) {
      if (this.busy.size >= atOnce) await Promise.race(this.busy);
      // Each in its turn, with a plain one in between.
      const name = count % 2 === 0 ? 'plain' : (names[((count - 1) / 2) % names.length] ?? 'plain');
      const work: Promise<void> = this.play(name).finally(() => this.busy.delete(work));
      this.busy.add(work);
      await pause(pauseMs);
    }
    await Promise.all(this.busy);
  }

  private async play(name: string): Promise<void> {
    const scenario = scenarios[name];
    if (!scenario) throw new Error(`there is no scenario ${name}`);
    try {
      const id = await this.submit({
        ...(scenario.job?.() ?? { type: 'extractArticle', input: { ...this.input, ...scenario.input } }),
        ...scenario.request?.(),
      });
      this.expect(id, name);
      const more = await scenario.act?.(id, this.actors);
      for (const other of more ?? []) this.expect(other, 'plain');
    } catch (error) {
      this.complaints.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  /** Twice at the same time, with one key: by a client that was in doubt. */
  private async submit(body: Record<string, unknown>): Promise<string> {
    const headers = { 'idempotency-key': randomUUID() };
    const post = () => this.actors.client.post<Job>('/v1/jobs', body, headers);
    const answers = await Promise.all([post(), post()]);
    for (const answer of answers) {
      if (answer.status !== 202 && answer.status !== 200) {
        throw new Error(`the submit was answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
    }
    const [id, other] = answers.map((answer) => answer.body.id);
    if (id === undefined || id !== other) throw new Error(`one key made the jobs ${id} and ${other}`);
    return id;
  }

  private expect(id: string, scenario: string): void {
    const log = this.actors.client.follow(id);
    // Whoever audits hears of it.
    log.catch(() => undefined);
    this.promised.push({ id, scenario, log });
  }
}
