import { Injectable } from '@nestjs/common';
import type { Need } from '../../job-types/contract/job-type.js';
import { FolderRefused } from '../../store/folders/refusals.js';
import { Store } from '../database/store.js';
import { Folders } from '../files/folders.js';
import { Recordings } from '../files/recordings.js';
import { Problem } from '../problems/problems.js';
import { toValidationProblem } from '../problems/validation.js';

/** Of each kind, what is wrong with it; null for one that is there. */
type Checks = {
  [Kind in Need['kind']]: (need: Extract<Need, { kind: Kind }>, owner: string) => Promise<Problem | null>;
};

/** What has to be there before a job is started. */
@Injectable()
export class Needs {
  private readonly checks: Checks;

  constructor(store: Store, folders: Folders, recordings: Recordings) {
    this.checks = {
      async research({ name, pointer }, owner) {
        if (await store.research.has({ owner, subject: name })) return null;
        const detail = `There is no research on "${name}".`;
        return new Problem('research-missing', detail, { errors: [{ pointer, detail }] });
      },
      inputFolder: ({ name, pointer, endings }) =>
        whyRefused(pointer, folders.input.list({ folder: name, endings })),
      outputFolder: ({ name, pointer }) => whyRefused(pointer, folders.output.check(name)),
      recordings: (need, owner) => recordings.refusal(need, owner),
    };
  }

  /** @throws {Problem} which points at the field that names it */
  async check(need: Need, owner: string): Promise<void> {
    const check = this.checks[need.kind] as (need: Need, owner: string) => Promise<Problem | null>;
    const problem = await check(need, owner);
    if (problem) throw problem;
  }
}

async function whyRefused(pointer: string, looked: Promise<unknown>): Promise<Problem | null> {
  try {
    await looked;
    return null;
  } catch (error) {
    if (!(error instanceof FolderRefused)) throw error;
    return toValidationProblem([
      { code: 'custom', path: pointer.split('/').slice(1), message: error.message },
    ]);
  }
}
