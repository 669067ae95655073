import type { AskInput, AskResult } from '../job-types/ask.js';
import type { Spent } from '../job-types/contract/outcome.js';
import { rulesName } from '../job-types/fields/model-names.js';
import { toJsonb } from '../store/jsonb.js';
import type { Receipts } from '../store/receipts.js';
import type { Ledger, Payer } from './frame/ledger.js';
import { paid } from './frame/receipts.js';
import { StepFailure } from './frame/step-failure.js';
import { currentStep } from './frame/step.js';
import { anyText } from './providers/answer-form.js';
import { clientForm } from './providers/json-schema/form.js';
import type { Answer, Models } from './providers/model.js';

export interface Answered extends Pick<AskResult, 'text' | 'value' | 'finishReason'> {
  /** What answered, as provider/model. */
  provider: string;
  usage: Spent | null;
  /** What the person should know about how it went. */
  notes: string[];
}

export type AnswerPrompt = AskInput & { owner: string };

/** All that an answer depends on. */
type Asked = AskInput & { model: string };

export interface AskDependencies {
  models: Models;
  receipts: Pick<Receipts, 'find' | 'put'>;
  ledger: Ledger;
}

/** Characters. Twice what 128,000 tokens of English are: whoever goes on from there does not end by himself. */
const longestAnswer = 1_000_000;

/** Tokens, where the job sets no limit: more than people read, and an end to a model that does not find one. */
const mostTokens = 32_000;

/** Characters. Tables and lines of dashes repeat themselves too. */
const longestLoop = 8_000;

export function createAskActivities({ models, receipts, ledger }: AskDependencies) {
  async function askModel(
    { model, prompt, messages = [], schema, ...wish }: Asked,
    payer: Payer,
  ): Promise<Answered> {
    const step = currentStep();
    step.progress({ message: `Asking ${model}` });
    const question = {
      ...payer,
      prompt: prompt ?? messages,
      form: schema === undefined ? anyText : clientForm(schema),
      ...wish,
      longestAnswer,
      longestLoop,
      mostTokens,
      signal: step.signal,
      onText: step.output,
      onPartial: step.partial,
    };
    const { usage, provider, ...answer } = await ledger.call(question, (heard) => models.ask(heard));
    const value = answer.value as AskResult['value'];
    const text = schema === undefined ? answer.text : JSON.stringify(value);
    return {
      ...storable({ text, value }),
      finishReason: answer.finishReason,
      provider,
      usage,
      notes: answer.notes.length > 0 ? answer.notes : notesOn(answer, wish),
    };
  }

  /** An answer that was paid for is never asked for again. */
  const byModel = paid(receipts, {
    asks(request: Asked & Pick<AnswerPrompt, 'owner'>): Asked {
      const { owner: _, ...asked } = request;
      return asked;
    },
    work: (asked: Asked, { owner }) => askModel(asked, payerOf(asked, owner)),
    onReuse: (asked: Asked, { owner }) => ledger.reused(payerOf(asked, owner)),
  });

  return {
    /** Answers a prompt or a conversation. */
    async answerPrompt(request: AnswerPrompt): Promise<Answered> {
      const model = models.choose(request.model);
      if (model === rulesName) {
        throw new StepFailure('model-not-found', 'This worker is configured for no model that could answer.');
      }
      return byModel({ ...request, model });
    },
  };
}

/** The prompt is the client's: nothing of it is fixed, so it has no version. */
const payerOf = ({ model }: Asked, owner: string): Payer => ({ owner, model, promptVersion: 'ask' });

function notesOn(
  { finishReason }: Pick<Answer<unknown>, 'finishReason'>,
  { maxOutputTokens: most }: Pick<AskInput, 'maxOutputTokens'>,
): string[] {
  if (finishReason === 'stop') return [];
  return [`The answer was cut off at ${most === undefined ? 'its length limit' : `${most} tokens`}.`];
}

/** As the archive will give it back, so that a job reads the same before and after its end. */
const storable = <T>(value: T): T => JSON.parse(toJsonb(value)) as T;
