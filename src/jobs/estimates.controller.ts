import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { createPrices } from '../../activities/providers/prices.js';
import { JobEstimate } from '../../job-types/contract/estimate.js';
import { type ModelNames, modelNames, rulesName } from '../../job-types/fields/model-names.js';
import { jobTypeNamed, jobTypes } from '../../job-types/index.js';
import type { TypicalUse } from '../../store/typical-use.js';
import { OwnerShares } from '../auth/owner-shares.js';
import { Owner } from '../auth/owner.js';
import { CONFIG, type Config } from '../config.js';
import { Store } from '../database/store.js';
import { answers } from '../openapi/answers.js';
import { Problem } from '../problems/problems.js';

const mtok = 1_000_000;

/** Before a job is submitted: what it would cost, by model. */
@ApiTags('usage')
@Controller('v1/job-types')
export class EstimatesController {
  private readonly models: ModelNames;
  private readonly priceOf: ReturnType<typeof createPrices>;

  constructor(
    private readonly store: Store,
    private readonly shares: OwnerShares,
    @Inject(CONFIG) config: Config,
  ) {
    this.models = modelNames(config);
    this.priceOf = createPrices(config);
  }

  @Get(':type/estimate')
  @ApiOperation({
    operationId: 'estimateJob',
    summary: 'What a job of a type would cost with each model, by what the last ones have used',
  })
  @ApiParam({ name: 'type', enum: Object.keys(jobTypes) })
  @answers(200, JobEstimate, [404])
  async estimate(@Param('type') name: string, @Owner() owner: string): Promise<JobEstimate> {
    const type = jobTypeNamed(name);
    if (!type) throw new Problem('not-found', 'There is no job type with this name.');
    const use = await this.shares.through(owner, () =>
      this.store.totals.typicalUse({ owner, type: type.name }),
    );
    const { names, default: usual } = this.models;
    return {
      ...use,
      models: names.map((model) => ({ model, usual: model === usual, ...this.ofModel(model, use) })),
    };
  }

  private ofModel(model: string, { inputTokens, outputTokens }: TypicalUse) {
    const cost = (input: number, output: number) => this.costOf(model, [input, output]);
    return {
      costUsd: inputTokens === null || outputTokens === null ? null : cost(inputTokens, outputTokens),
      inputMtokUsd: cost(mtok, 0),
      outputMtokUsd: cost(0, mtok),
    };
  }

  private costOf(model: string, [inputTokens, outputTokens]: readonly [number, number]): number | null {
    if (model === rulesName) return 0;
    const unknown = { cachedInputTokens: null, cacheWriteTokens: null, reasoningTokens: null };
    return this.priceOf(model, { inputTokens, outputTokens, ...unknown });
  }
}
