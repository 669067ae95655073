import type { z } from 'zod';
import { type ModelChoice, type ModelNames, modelNames } from '../../job-types/fields/model-names.js';
import type { CallListener } from '../frame/call-listener.js';
import { StepFailure } from '../frame/step-failure.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import { askThroughSdk } from './ai-sdk.js';
import { type ModelAccess, type OpenedModel, openModel } from './language-models.js';
import type { Patience } from './silence-limit.js';

export interface Question<T> {
  /** One of the configured names. */
  model: string;
  system: string;
  prompt: string;
  /** What the answer must be. Strict structured output knows no optional fields and few limits: keep to the shape. */
  schema: z.ZodType<T>;
  /** Characters after which the model is taken to have run away, and is cut off. */
  longestAnswer: number;
  signal: AbortSignal;
  /** Told how the call goes. */
  listener?: CallListener;
  /** Called with each piece of the answer as it arrives. */
  onText?(delta: string): void;
  /** What has been said so far, and what it has cost by our estimate: a call that is aborted reports no usage. */
  onPartial?(partial: { text: string; usage: Spent }): void;
}

export interface Answer<T> {
  value: T;
  /** Null when the provider did not say. */
  usage: Spent | null;
  /** The name of the model that answered. */
  provider: string;
}

export interface Models extends ModelNames {
  /**
   * One question, one call: trying again is Temporal's business.
   * @throws {StepFailure} classified, and without secrets; the reason of `signal` when that aborts.
   */
  ask<T>(question: Question<T>): Promise<Answer<T>>;
}

export function createModels(config: ModelChoice & ModelAccess, patience?: Patience): Models {
  const { names, default: first } = modelNames(config);
  const opened = new Map<string, OpenedModel>();
  const secrets = [config.OPENAI_API_KEY, config.ANTHROPIC_API_KEY].flatMap((key) => key ?? []);

  function open(name: string): OpenedModel {
    if (!names.includes(name)) {
      throw new StepFailure('model-not-found', `This worker is not configured for the model ${name}.`);
    }
    const model = opened.get(name) ?? openModel(name, config);
    opened.set(name, model);
    return model;
  }

  return {
    default: first,
    names,
    ask: async (question) => askThroughSdk(open(question.model), question, { patience, secrets }),
  };
}
