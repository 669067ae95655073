import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { z } from 'zod';
import { DearestJobs, OwnerBudgets } from '../../job-types/contract/spend.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { beforeTo, beginsBeforeEnd, spanFields, spanIn } from './usage-span.js';

const DearestQuery = z
  .strictObject({
    ...spanFields,
    limit: z.coerce.number().int().min(1).max(100).default(10).meta({ description: 'Jobs to list' }),
  })
  .refine(beginsBeforeEnd, beforeTo);
type DearestQuery = z.infer<typeof DearestQuery>;

@ApiTags('usage')
@Controller('v1/usage')
export class SpendController {
  private readonly limits: Readonly<Record<'day' | 'month', number | null>>;

  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
    @Inject(CONFIG) { OWNER_BUDGET_USD_DAY: day, OWNER_BUDGET_USD_MONTH: month }: Config,
  ) {
    this.limits = { day: day ?? null, month: month ?? null };
  }

  @Get('jobs')
  @ApiOperation({
    operationId: 'listDearestJobs',
    summary: 'The jobs whose calls of models have cost most, the dearest first',
  })
  @answers(200, DearestJobs, [422])
  async jobs(
    @Owner() owner: string,
    @Query({ schema: DearestQuery }) { limit, ...asked }: DearestQuery,
  ): Promise<DearestJobs> {
    const span = spanIn(asked);
    const items = await this.shares.through(owner, () =>
      this.store.totals.dearest({ owner, ...span, limit }),
    );
    return { ...span, items };
  }

  @Get('budgets')
  @ApiOperation({
    operationId: 'readOwnerBudgets',
    summary: 'What you may spend in a day and a month, and what is left of it',
  })
  @answers(200, OwnerBudgets, [])
  async budgets(@Owner() owner: string): Promise<OwnerBudgets> {
    const spans = await this.shares.through(owner, () => this.store.totals.spans(owner));
    const items = spans.map(({ span, spentUsd, heldUsd, renewsAt }) => {
      const limitUsd = this.limits[span];
      const leftUsd = limitUsd === null ? null : Math.max(0, limitUsd - spentUsd - heldUsd);
      return { span, limitUsd, spentUsd, heldUsd, leftUsd, renewsAt };
    });
    return { items };
  }
}
