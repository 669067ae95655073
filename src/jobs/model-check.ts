import { Inject, Injectable } from '@nestjs/common';
import { createPrices } from '../../activities/providers/prices.js';
import { jobTypeNamed } from '../../job-types/index.js';
import { type ModelNames, modelNames, rulesName } from '../../job-types/fields/model-names.js';
import { transcriberName } from '../../job-types/fields/transcriber-name.js';
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
  /** Null where none is set. */
  private readonly transcriber: string | null;
  private readonly ownersHaveBudgets: boolean;
  private readonly isPriced: (model: string) => boolean;

  constructor(@Inject(CONFIG) config: Config) {
    this.models = modelNames(config);
    this.transcriber = config.TRANSCRIBE_BASE_URL === undefined ? null : transcriberName(config);
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
    const { needsModel, asksTranscriber } = jobTypeNamed(type) ?? {};
    const model = typeof named === 'string' ? named : usual;
    if (needsModel && model === rulesName) {
      const others = names.filter((name) => name !== rulesName);
      const detail = others.length > 0 ? `Name one of ${others.join(', ')}.` : 'MODEL is not set.';
      return refused('model-required', { what: 'The built-in rules cannot do this.', detail });
    }
    const payee = asksTranscriber ? this.transcriber : model;
    const ofJob = budget?.maxCostUsd !== undefined;
    const isBounded = ofJob || this.ownersHaveBudgets;
    if (!isBounded || payee === null || payee === rulesName || this.isPriced(payee)) return null;
    return refused('price-unknown', {
      what: ofJob
        ? 'A budget in US dollars cannot be kept.'
        : 'The budget that the operator has set for owners cannot be kept.',
      detail: `What ${payee} costs is not known.`,
      pointer: ofJob ? '/budget/maxCostUsd' : asksTranscriber ? '/type' : '/input/model',
    });
  }
}

const refused = (
  code: ProblemCode,
  { what, detail, pointer = '/input/model' }: { what: string; detail: string; pointer?: string },
): Problem => new Problem(code, `${what} ${detail}`, { errors: [{ pointer, detail }] });
