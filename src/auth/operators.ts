import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';

/** Who may make and revoke the keys of others: the owners that the operator has named. */
@Injectable()
export class Operators {
  private readonly owners: ReadonlySet<string>;

  constructor(@Inject(CONFIG) { OPERATORS }: Config) {
    this.owners = new Set(OPERATORS);
  }

  has(owner: string): boolean {
    return this.owners.has(owner);
  }

  /** @throws {Problem} operator-only */
  check(owner: string): void {
    if (this.has(owner)) return;
    throw new Problem('operator-only', `"${owner}" is none of the owners in OPERATORS.`);
  }
}
