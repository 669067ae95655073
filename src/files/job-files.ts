import { Injectable } from '@nestjs/common';
import type { z } from 'zod';
import { fileFinder } from '../../job-types/contract/file-ref.js';
import type { NamedFile } from '../../job-types/contract/named-files.js';
import { answerSchema, jobTypeNamed } from '../../job-types/index.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';

/** What a job is given. */
export interface Given {
  type: string;
  input: unknown;
  owner: string;
}

/** What a person says to a job that waits. */
export interface GivenAnswer {
  type: string;
  name: string;
  value: unknown;
  owner: string;
}

/** An owner's input names a file that is not there. */
export const isFileUnknown = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'validation-failed';

/** The files that the inputs of jobs name, and the answers to them. */
@Injectable()
export class JobFiles {
  private readonly finders = new Map<string, ReturnType<typeof fileFinder>>();

  constructor(private readonly store: Store) {}

  areNamed(given: Pick<Given, 'type' | 'input'>): boolean {
    return this.named(given).length > 0;
  }

  /** @throws {Problem} validation-failed, which points at each file that the owner does not have */
  async check(given: Given): Promise<void> {
    const named = this.named(given);
    if (named.length === 0) return;
    const ids = named.map(({ id }) => id);
    refuseUnknown(named, { known: await this.store.files.known({ ids, owner: given.owner }), at: 'input' });
  }

  /** Makes them belong to the job that is about to be started. @throws {Problem} as `check` does */
  async claim(jobId: string, given: Given): Promise<void> {
    await this.claimNamed(this.named(given), { jobId, owner: given.owner, at: 'input' });
  }

  /** Makes them belong to the job that is about to be answered. @throws {Problem} as `check` does */
  async claimAnswer(jobId: string, { type, name, value, owner }: GivenAnswer): Promise<void> {
    const schema = answerSchema(type, name);
    const named = schema === null ? [] : this.finder(`${type} ${name}`, schema)(value);
    await this.claimNamed(named, { jobId, owner, at: 'value' });
  }

  private async claimNamed(
    named: readonly NamedFile[],
    { jobId, owner, at }: { jobId: string; owner: string; at: string },
  ): Promise<void> {
    if (named.length === 0) return;
    const ids = named.map(({ id }) => id);
    refuseUnknown(named, { known: await this.store.files.claim({ ids, owner, jobId }), at });
  }

  private named({ type, input }: Pick<Given, 'type' | 'input'>): NamedFile[] {
    const jobType = jobTypeNamed(type);
    return jobType === null ? [] : this.finder(type, jobType.input)(input);
  }

  /** @param key tells the schema from others */
  private finder(key: string, schema: z.ZodType): ReturnType<typeof fileFinder> {
    const find = this.finders.get(key) ?? fileFinder(schema);
    this.finders.set(key, find);
    return find;
  }
}

function refuseUnknown(
  named: readonly NamedFile[],
  { known, at }: { known: ReadonlySet<string>; at: string },
): void {
  const issues = named
    .filter(({ id }) => !known.has(id))
    .map(({ path }) => ({ code: 'custom', path: [at, ...path], message: 'there is no such file' }));
  if (issues.length > 0) throw toValidationProblem(issues);
}
