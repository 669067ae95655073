import { Inject, Injectable } from '@nestjs/common';
import { createPrices } from '../../activities/providers/prices.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { type ModelNames, modelNames, rulesName } from '../../job-types/fields/model-names.js';
import { CONFIG, type Config } from '../config.js';
import { Problem, type ProblemCode } from '../problems/problems.js';
import type { JobRequest } from './job-request.js';

/** Of a call, to see whether its price is known. */
const aCall = {
  inputTokens: 1_000,
  cachedInputTokens: null,
  cacheWriteTokens: null,
  outputTokens: 1_000,
  reasoningTokens: null,
};

/** Whether a job would get a model, and one whose cost its budget can hold. */
@Injectable()
export class ModelCheck {
  private readonly models: ModelNames;
  private readonly ownersHaveBudgets: boolean;
  private readonly isPriced: (model: string) => boolean;

  constructor(@Inject(CONFIG) config: Config) {
    this.models = modelNames(config);
    const { OWNER_BUDGET_USD_DAY: day, OWNER_BUDGET_USD_MONTH: month } = config;
    this.ownersHaveBudgets = day !== undefined || month !== undefined;
    const priceOf = createPrices(config);
    this.isPriced = (model) => priceOf(model, aCall) !== null;
  }

  /** @throws {Problem} unknown-model, model-required, price-unknown */
  check(request: JobRequest): void {
    const refusal = this.refusal(request);
    if (refusal) throw refusal;
  }

  refusal({ type, input, budget }: JobRequest): Problem | null {
    const { names, default: usual } = this.models;
    const named = typeof input === 'object' && input !== null && 'model' in input ? input.model : undefined;
    if (typeof named === 'string' && !names.includes(named)) {
      return refused('unknown-model', {
        what: `The model "${named}" is not offered.`,
        detail: `The models here are ${names.join(', ')}.`,
      });
    }
    const model = typeof named === 'string' ? named : usual;
    if (jobTypeNamed(type)?.needsModel && model === rulesName) {
      const others = names.filter((name) => name !== rulesName);
      const detail = others.length > 0 ? `Name one of ${others.join(', ')}.` : 'MODEL is not set.';
      return refused('model-required', { what: 'The built-in rules cannot do this.', detail });
    }
    const ofJob = budget?.maxCostUsd !== undefined;
    if (!(ofJob || this.ownersHaveBudgets) || model === rulesName || this.isPriced(model)) return null;
    return refused('price-unknown', {
      what: ofJob
        ? 'A budget in US dollars cannot be kept.'
        : 'The budget that the operator has set for owners cannot be kept.',
      detail: `What ${model} costs is not known.`,
      pointer: ofJob ? '/budget/maxCostUsd' : '/input/model',
    });
  }
}

const refused = (
  code: ProblemCode,
  { what, detail, pointer = '/input/model' }: { what: string; detail: string; pointer?: string },
): Problem => new Problem(code, `${what} ${detail}`, { errors: [{ pointer, detail }] });
