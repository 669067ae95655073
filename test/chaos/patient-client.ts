import { setTimeout as pause } from 'node:timers/promises';
import type { JobEvent } from '../../job-types/contract/event.js';
import type { Job } from '../../job-types/contract/job.js';
import { openStream } from '../harness/event-stream.js';

export interface Settled<T> {
  status: number;
  body: T;
}

/** Longer than any outage lasts here. */
const givesUpAfterMs = 180_000;
const answerLimitMs = 20_000;
const againMs = 500;

/** A client that does what the contract tells clients to do: it repeats what was not settled, and resumes what broke off. */
export class PatientClient {
  /** Answers that asked it to come again, and connections that broke. */
  putOff = 0;
  /** By when jobs must be where they go; while processes die, a job may go on for as long as they do. */
  settledBy = Infinity;
  private asked = 0;

  /** @param urls of API processes that are asked in turn */
  constructor(private readonly urls: readonly string[]) {}

  job(id: string): Promise<Settled<Job>> {
    return this.settle(`/v1/jobs/${id}`);
  }

  post<T>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Settled<T>> {
    return this.settle(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Looks until the job is as the check wants it, or has ended. */
  async jobWhen(id: string, check: (job: Job) => boolean): Promise<Job> {
    for (;;) {
      const { body: job } = await this.job(id);
      if (job.done || check(job)) return job;
      if (Date.now() > this.settledBy) throw new Error(`${id} is ${job.status} for too long`);
      await pause(againMs);
    }
  }

  /** The whole log of a job over SSE. @throws when a number is left out or comes twice */
  async follow(id: string): Promise<JobEvent[]> {
    const seen: JobEvent[] = [];
    while (seen.at(-1)?.type !== 'end') {
      if (Date.now() > this.settledBy)
        throw new Error(`the log of ${id} has no end after ${seen.length} events`);
      try {
        const last = seen.at(-1)?.seq;
        const stream = await openStream(
          `${this.nextUrl()}/v1/jobs/${id}/events`,
          last === undefined ? {} : { lastEventId: String(last) },
        );
        while (!stream.closed && Date.now() < this.settledBy) await pause(100);
        stream.cut();
        seen.push(...stream.events);
      } catch {
        this.putOff += 1;
      }
      const gap = seen.find(({ seq }, index) => seq !== index + 1);
      if (gap)
        throw new Error(`the log of ${id} has number ${gap.seq} where ${seen.indexOf(gap) + 1} belongs`);
      if (seen.at(-1)?.type !== 'end') await pause(againMs);
    }
    return seen;
  }

  /** @throws for a 500, which is never an answer, and when there is none for too long */
  private async settle<T>(path: string, init: RequestInit = {}): Promise<Settled<T>> {
    const end = Date.now() + givesUpAfterMs;
    for (;;) {
      const answer = await this.ask(path, init);
      if (answer && answer.status !== 503) {
        const text = await answer.text();
        if (answer.status >= 500) throw new Error(`${path} was answered ${answer.status}: ${text}`);
        return { status: answer.status, body: JSON.parse(text) as T };
      }
      this.putOff += 1;
      if (Date.now() > end) throw new Error(`${path} was never settled`);
      await pause(1_000 * Number(answer?.headers.get('retry-after') ?? againMs / 1_000));
    }
  }

  private nextUrl(): string {
    this.asked += 1;
    return this.urls[this.asked % this.urls.length] ?? '';
  }

  /** Null when there was no answer, or not all of it. */
  private async ask(path: string, init: RequestInit): Promise<Response | null> {
    try {
      const signal = AbortSignal.timeout(answerLimitMs);
      const answer = await fetch(`${this.nextUrl()}${path}`, { ...init, signal });
      const body = await answer.arrayBuffer();
      return new Response(body, { status: answer.status, headers: answer.headers });
    } catch {
      return null;
    }
  }
}
