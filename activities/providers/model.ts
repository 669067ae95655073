import { type ModelChoice, type ModelNames, modelNames } from '../../job-types/fields/model-names.js';
import type { CallListener, WholeAnswer } from '../frame/call-listener.js';
import { StepFailure } from '../frame/step-failure.js';
import type { Spent } from '../../job-types/contract/outcome.js';
import type { AnswerForm } from './answer-form.js';
import { askThroughSdk } from './ai-sdk.js';
import { type ModelAccess, keysOf, routeTo } from './language-models.js';
import { FormatRefused } from './provider-errors.js';
import { type ResponseFormat, responseFormats } from './request.js';
import type { Patience } from './silence-limit.js';
import type { Wish } from './wishes.js';

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
  /** Tokens at which the answer is cut, reasoning included, whatever its server heeds: nobody pays for more. */
  cutAfter?: number | undefined;
  /** The model's own when absent. */
  temperature?: number | undefined;
  /** Characters after which the model is taken to have run away, and is cut off. */
  longestAnswer: number;
  /** Characters at the end of an answer that have to be one piece over and over for it to be ended. */
  longestLoop: number;
  signal: AbortSignal;
  /** Told how the call goes. */
  listener?: CallListener;
  /** What the model has answered already: it is read, and nobody is asked. */
  kept?: WholeAnswer | undefined;
  /** Called with each piece of the answer as it arrives, in whole characters and without reasoning. */
  onText?(delta: string): void;
  /** Called with each piece of what the model thinks aloud, in whole characters. */
  onReasoning?(delta: string): void;
  /** All that `onText` was given has turned out to be reasoning, which `onReasoning` was given before this. */
  onRestart?(): void;
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
  /** The name of the model that was asked. */
  provider: string;
  /** What the person should know about how it went. */
  notes: string[];
}

export interface Models extends ModelNames {
  /**
   * The model to ask where a job names this one, or none.
   * @throws {StepFailure} model-not-found: the API that took the job is configured otherwise
   */
  choose(name: string | undefined): string;
  /**
   * One question, one call: trying again is Temporal's business. A server that refuses the form in which JSON is asked
   * for is asked once more in one that it takes.
   * @throws {StepFailure} classified, and without secrets; the reason of `signal` when that aborts.
   */
  ask<T>(question: Question<T>): Promise<Answer<T>>;
}

export function createModels(config: ModelChoice & ModelAccess, patience?: Patience): Models {
  const { names, default: first } = modelNames(config);
  const secrets = keysOf(config);
  /** The form in which JSON is asked of models whose servers take none above it. */
  const formats = new Map<string, ResponseFormat>();
  /** Models that end their reasoning without having begun it. */
  const unopened = new Set<string>();
  /** What the servers of models have refused, by model, for as long as the process lives. */
  const refused = new Map<string, Set<Wish>>();

  function choose(name = first): string {
    if (!names.includes(name)) {
      throw new StepFailure('model-not-found', `This worker is not configured for the model ${name}.`);
    }
    return name;
  }

  async function ask<T>(
    question: Question<T>,
    format: ResponseFormat = formats.get(question.model) ?? 'schema',
  ): Promise<Answer<T>> {
    const { model } = question;
    const { isCompatible, ...route } = routeTo(choose(model), config);
    const refusedHere = refused.get(model) ?? new Set();
    refused.set(model, refusedHere);
    try {
      return await askThroughSdk(question, {
        ...route,
        format,
        mayPassOver: isCompatible,
        unopened: unopened.has(model),
        refused: refusedHere,
        patience,
        secrets,
        onLoneEnd: () => void unopened.add(model),
      });
    } catch (error) {
      const next = responseFormats[responseFormats.indexOf(format) + 1];
      if (question.form.schema === null || next === undefined || !(error instanceof FormatRefused))
        throw error;
      if (error.always) formats.set(model, next);
      return ask(question, next);
    }
  }

  return { default: first, names, choose, ask: (question) => ask(question) };
}
