import type { AskInput, AskResult } from '../job-types/ask.js';
import type { Usage } from '../job-types/contract/job.js';
import { rulesName } from '../job-types/fields/model-names.js';
import { toJsonb } from '../store/jsonb.js';
import type { Receipts } from '../store/receipts.js';
import { payOnce } from './frame/paid.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { anyText } from './providers/answer-form.js';
import { clientForm } from './providers/json-schema/form.js';
import type { Models } from './providers/model.js';

export interface Answered extends Pick<AskResult, 'text' | 'value' | 'finishReason'> {
  /** What answered, as provider/model. */
  provider: string;
  usage: Usage | null;
  /** What the person should know about how it went. */
  notes: string[];
}

export interface AskDependencies {
  models: Models;
  receipts: Pick<Receipts, 'find' | 'put'>;
}

/** Characters. Twice what 128,000 tokens of English are: whoever goes on from there does not end by himself. */
const longestAnswer = 1_000_000;

export function createAskActivities({ models, receipts }: AskDependencies) {
  async function answerByModel(model: string, request: AskInput): Promise<Answered> {
    const { prompt, messages = [], schema, system, maxOutputTokens, temperature } = request;
    const step = currentStep();
    step.progress({ message: `Asking ${model}` });
    const answer = await models.ask({
      model,
      system,
      prompt: prompt ?? messages,
      form: schema === undefined ? anyText : clientForm(schema),
      maxOutputTokens,
      temperature,
      longestAnswer,
      signal: step.signal,
      onText: step.output,
      onPartial: step.partial,
    });
    const { value, finishReason, usage, provider } = answer;
    const text = schema === undefined ? answer.text : JSON.stringify(value);
    const cut = maxOutputTokens === undefined ? 'the length limit of the model' : `${maxOutputTokens} tokens`;
    return {
      ...storable({ text, value: value as AskResult['value'] }),
      finishReason,
      provider,
      usage,
      notes: finishReason === 'length' ? [`The answer was cut off at ${cut}.`] : [],
    };
  }

  return {
    /** Answers a prompt or a conversation. An answer that was paid for is never asked for again. */
    async answerPrompt(request: AskInput): Promise<Answered> {
      const model = models.choose(request.model);
      if (model === rulesName) {
        throw new StepFailure('model-not-found', 'This worker is configured for no model that could answer.');
      }
      return payOnce(receipts, () => answerByModel(model, request));
    },
  };
}

/** As the archive will give it back, so that a job reads the same before and after its end. */
const storable = <T>(value: T): T => JSON.parse(toJsonb(value)) as T;
