import { Inject, Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { CONFIG, type Config } from '../config.js';
import { Problem } from '../problems/problems.js';
import type { BudgetName } from '../openapi/route-marks.js';

const windowSeconds = 60;

/** Requests an owner may make in a minute, of each kind. Counted in memory, so by each API process for itself. */
@Injectable()
export class RateLimits {
  private readonly limiters: Readonly<Record<BudgetName, RateLimiterMemory | null>>;

  constructor(@Inject(CONFIG) config: Config) {
    this.limiters = {
      submit: limiter(config.RATE_LIMIT_SUBMIT),
      read: limiter(config.RATE_LIMIT_READ),
      stream: limiter(config.RATE_LIMIT_STREAM),
      upload: limiter(config.RATE_LIMIT_UPLOAD),
    };
  }

  /**
   * Takes one request from the owner's budget.
   * @returns the headers that tell what is left (draft-ietf-httpapi-ratelimit-headers-10); none without a limit
   * @throws {Problem} rate-limited
   */
  async take(budget: BudgetName, owner: string): Promise<Record<string, string>> {
    const limits = this.limiters[budget];
    if (!limits) return {};
    try {
      return headersFor(budget, { limit: limits.points, left: await limits.consume(owner) });
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const headers = headersFor(budget, { limit: limits.points, left: refusal });
      const detail = `The limit is ${limits.points} ${budget} requests a minute.`;
      throw new Problem('rate-limited', detail, { retryAfter: secondsLeft(refusal), headers });
    }
  }
}

const limiter = (points: number): RateLimiterMemory | null =>
  points === 0 ? null : new RateLimiterMemory({ points, duration: windowSeconds });

const secondsLeft = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000));

const headersFor = (budget: BudgetName, { limit, left }: { limit: number; left: RateLimiterRes }) => ({
  'ratelimit-policy': `"${budget}";q=${limit};w=${windowSeconds}`,
  ratelimit: `"${budget}";r=${left.remainingPoints};t=${secondsLeft(left)}`,
});
