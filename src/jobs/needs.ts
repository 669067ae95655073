import { Injectable } from '@nestjs/common';
import type { Need } from '../../job-types/contract/job-type.js';
import { Store } from '../database/store.js';
import { Problem } from '../problems/problems.js';

/** What has to be there before a job is started. */
@Injectable()
export class Needs {
  private readonly kinds: Readonly<
    Record<Need['kind'], (named: { owner: string; name: string }) => Promise<Problem | null>>
  >;

  constructor(store: Store) {
    this.kinds = {
      research: async ({ owner, name }) =>
        (await store.research.has({ owner, subject: name }))
          ? null
          : new Problem('research-missing', `There is no research on "${name}".`),
    };
  }

  /** @throws {Problem} which points at the field that names it */
  async check({ kind, name, pointer }: Need, owner: string): Promise<void> {
    const missing = await this.kinds[kind]({ owner, name });
    if (!missing) return;
    const errors = [{ pointer, detail: missing.message }];
    throw new Problem(missing.code, missing.message, { errors });
  }
}
