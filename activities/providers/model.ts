import { type ModelChoice, type ModelNames, modelNames } from '../../job-types/fields/model-names.js';
import type { CallListener } from '../frame/call-listener.js';
import { StepFailure } from '../frame/step-failure.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import type { AnswerForm } from './answer-form.js';
import { askThroughSdk } from './ai-sdk.js';
import { type ModelAccess, type OpenedModel, openModel } from './language-models.js';
import type { Patience } from './silence-limit.js';

/** What somebody has said in a conversation. */
export interface Turn {
  role: 'user' | 'assistant';
  content: string;
}

export interface Question<T> {
  /** One of the configured names. */
  model: string;
  system?: string | undefined;
  /** A conversation ends with a turn of the user's. */
  prompt: string | readonly Turn[];
  form: AnswerForm<T>;
  /** As a person has limited the answer, who is then told by the server if that cannot be. */
  maxOutputTokens?: number | undefined;
  /** The bound where no person has set one. A server that refuses it is asked without it. */
  mostTokens: number;
  /** The model's own when absent. */
  temperature?: number | undefined;
  /** Characters after which the model is taken to have run away, and is cut off. */
  longestAnswer: number;
  /** Characters at the end of an answer that have to be one piece over and over for it to be ended. */
  longestLoop: number;
  signal: AbortSignal;
  /** Told how the call goes. */
  listener?: CallListener;
  /** Called with each piece of the answer as it arrives. */
  onText?(delta: string): void;
  /** What has been said so far, and what it has cost by our estimate: a call that is aborted reports no usage. */
  onPartial?(partial: { text: string; usage: Spent }): void;
}

export interface Answer<T> {
  /** What the form made of the text. */
  value: T;
  /** As the model said it. */
  text: string;
  /** `length`: the text was cut, where it may be. */
  finishReason: 'stop' | 'length';
  /** Null when the provider did not say. */
  usage: Spent | null;
  /** The name of the model that answered. */
  provider: string;
  /** What the person should know about how it ended. */
  notes: string[];
}

export interface Models extends ModelNames {
  /**
   * The model to ask where a job names this one, or none.
   * @throws {StepFailure} model-not-found: the API that took the job is configured otherwise
   */
  choose(name: string | undefined): string;
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

  function choose(name = first): string {
    if (!names.includes(name)) {
      throw new StepFailure('model-not-found', `This worker is not configured for the model ${name}.`);
    }
    return name;
  }

  function open(name: string): OpenedModel {
    const model = opened.get(name) ?? openModel(choose(name), config);
    opened.set(name, model);
    return model;
  }

  return {
    default: first,
    names,
    choose,
    ask: async (question) => askThroughSdk(open(question.model), question, { patience, secrets }),
  };
}
