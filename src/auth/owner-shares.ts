import { Injectable } from '@nestjs/common';
import { Problem } from '../problems/problems.js';
import { within } from '../within.js';

/** Of one owner, half of the connections there are for it. The others of the owner wait in line. */
const atOnce = 2;
/** In ms. What has had no turn by then is refused. */
const turnMs = 5_000;

interface Share {
  under: number;
  line: Set<() => void>;
}

/** What reads much of the database, such as a search, is done for each owner so many times at once. */
@Injectable()
export class OwnerShares {
  private readonly shares = new Map<string, Share>();

  /** @throws {Problem} rate-limited, when others of the owner take too long */
  async through<T>(owner: string, work: () => Promise<T>): Promise<T> {
    const share = this.shares.get(owner) ?? { under: 0, line: new Set() };
    this.shares.set(owner, share);
    if (share.under < atOnce) share.under += 1;
    else await this.turn(owner, share);
    try {
      return await work();
    } finally {
      this.leave(owner, share);
    }
  }

  private async turn(owner: string, share: Share): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    share.line.add(resolve);
    try {
      await within(turnMs, promise);
    } catch (error) {
      // The turn may have come in the same moment.
      if (!share.line.delete(resolve)) this.leave(owner, share);
      const detail = `${atOnce} searches or sums of yours are under way, and others wait.`;
      throw new Problem('rate-limited', detail, { retryAfter: 2, cause: error });
    }
  }

  private leave(owner: string, share: Share): void {
    const [next] = share.line;
    if (next) {
      share.line.delete(next);
      next();
      return;
    }
    share.under -= 1;
    if (share.under === 0) this.shares.delete(owner);
  }
}
