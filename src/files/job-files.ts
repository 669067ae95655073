import { Injectable } from '@nestjs/common';
import { fileFinder } from '../../job-types/contract/file-ref.js';
import type { NamedFile } from '../../job-types/contract/named-files.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';

/** What a job is given. */
export interface Given {
  type: string;
  input: unknown;
  owner: string;
}

/** An owner's input names a file that is not there. */
export const isFileUnknown = (error: unknown): error is Problem =>
  error instanceof Problem && error.code === 'validation-failed';

/** The files that the inputs of jobs name. */
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
    refuseUnknown(named, await this.store.files.known({ ids, owner: given.owner }));
  }

  /** Makes them belong to the job that is about to be started. @throws {Problem} as `check` does */
  async claim(jobId: string, given: Given): Promise<void> {
    const named = this.named(given);
    if (named.length === 0) return;
    const ids = named.map(({ id }) => id);
    const known = await this.store.files.claim({ ids, owner: given.owner, jobId });
    refuseUnknown(named, known);
  }

  private named({ type, input }: Pick<Given, 'type' | 'input'>): NamedFile[] {
    let find = this.finders.get(type);
    if (!find) {
      const jobType = jobTypeNamed(type);
      if (!jobType) return [];
      find = fileFinder(jobType.input);
      this.finders.set(type, find);
    }
    return find(input);
  }
}

function refuseUnknown(named: readonly NamedFile[], known: ReadonlySet<string>): void {
  const issues = named
    .filter(({ id }) => !known.has(id))
    .map(({ path }) => ({ code: 'custom', path: ['input', ...path], message: 'there is no such file' }));
  if (issues.length > 0) throw toValidationProblem(issues);
}
