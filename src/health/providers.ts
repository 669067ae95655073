import { Inject, Injectable } from '@nestjs/common';
import { modelNames, rulesName } from '../../job-types/fields/model-names.js';
import type { SystemProvider } from '../../job-types/contract/system.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';

const silent = { since: null, lastCallAt: null, failureCode: null };

/** Who answers the models that jobs may name. Nobody is called to find out: the ledger tells how the last calls went. */
@Injectable()
export class Providers {
  private readonly models: ReadonlyMap<string, readonly string[]>;

  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = Map.groupBy(modelNames(config).names, (name) => name.split('/')[0] ?? name);
  }

  /** @param owner whose calls tell; null: everybody's */
  async read(owner: string | null): Promise<SystemProvider[]> {
    const calls = await this.shares
      // No owner is called so.
      .through(owner ?? ' operators', () => this.store.totals.providers(owner))
      // If the database is away, that is what this answer has to tell, and not a reason for none.
      .catch(() => []);
    return [...this.models].map(([name, models]): SystemProvider => {
      const provider = { name, models: [...models] };
      if (name === rulesName) return { ...provider, ...silent, state: 'up' };
      const last = calls.find((one) => one.provider === name);
      if (!last) return { ...provider, ...silent, state: 'unknown' };
      const { answered, since, lastCallAt, failureCode } = last;
      return { ...provider, state: answered ? 'up' : 'down', since, lastCallAt, failureCode };
    });
  }
}
