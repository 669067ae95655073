import type { AskInput, AskResult } from '../job-types/ask.js';
import { toJsonb } from '../store/jsonb.js';
import { type ModelStepDependencies, type Paying, modelStep } from './model-step.js';
import { anyText, type AnswerForm } from './providers/answer-form.js';
import { clientForm } from './providers/json-schema/form.js';

export type Answered = Pick<AskResult, 'text' | 'value' | 'finishReason'> & Paying;

export type AnswerPrompt = AskInput & { owner: string };

/** Characters. Twice what 128,000 tokens of English are: whoever goes on from there does not end by himself. */
const longestAnswer = 1_000_000;

export function createAskActivities(deps: ModelStepDependencies) {
  const answerPrompt = modelStep(deps, {
    // The prompt is the client's: nothing of it is fixed, so it has no version.
    promptVersion: 'ask',
    question: ({ prompt, messages = [], schema, system, maxOutputTokens, temperature }: AskInput) => ({
      prompt: prompt ?? messages,
      form: formFor(schema),
      system,
      maxOutputTokens,
      temperature,
      longestAnswer,
    }),
    outcome(answer, { schema }) {
      const value = answer.value as AskResult['value'];
      const text = schema === undefined ? answer.text : JSON.stringify(value);
      return { ...storable({ text, value }), finishReason: answer.finishReason };
    },
  });
  return {
    /** Answers a prompt or a conversation. */
    answerPrompt: (request: AnswerPrompt): Promise<Answered> => answerPrompt(request),
  };
}

const formFor = (schema: AskInput['schema']): AnswerForm<unknown> =>
  schema === undefined ? anyText : clientForm(schema);

/** As the archive will give it back, so that a job reads the same before and after its end. */
const storable = <T>(value: T): T => JSON.parse(toJsonb(value)) as T;
