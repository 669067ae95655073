import { z } from 'zod';
import { defineJobType, type InputOf, type ResultOf } from './contract/job-type.js';
import { JsonSchema } from './fields/json-schema.js';
import { ModelName } from './fields/model-names.js';
import { Message, longestFile, longestSystem, said } from './fields/said.js';

interface Said {
  prompt?: string | undefined;
  messages?: z.infer<typeof Message>[] | undefined;
}

/** What one field cannot tell by itself. */
function checkSaid({ value: { prompt, messages }, issues }: z.core.ParsePayload<Said>): void {
  const complain = (path: PropertyKey[], message: string) =>
    issues.push({ code: 'custom', path, message, input: messages });
  if (prompt === undefined && messages === undefined) complain(['prompt'], 'give prompt or messages');
  if (prompt !== undefined && messages !== undefined)
    complain(['messages'], 'give prompt or messages, not both');
  if (messages?.at(-1)?.role === 'assistant') {
    complain(['messages', messages.length - 1, 'role'], "the last message must be the user's");
  }
}

const Input = z
  .strictObject({
    prompt: said(longestFile).optional().meta({ description: 'What to answer; or give messages' }),
    messages: z.array(Message).min(1).max(500).optional().meta({
      description: "A conversation so far, the last message the user's; or give prompt",
    }),
    system: said(longestSystem).optional().meta({ description: 'How the model is to behave' }),
    model: ModelName.optional(),
    schema: JsonSchema.optional(),
    maxOutputTokens: z.int().min(1).max(128_000).optional().meta({
      description:
        'Where the answer is cut, in tokens of the model; those it thinks with count at most providers',
    }),
    temperature: z.number().min(0).max(2).optional().meta({ description: 'Models that know none ignore it' }),
  })
  .check(checkSaid)
  .meta({ id: 'AskInput' });

const Result = z
  .object({
    text: z.string().meta({ description: 'What the model said; with a schema, value as JSON' }),
    value: z.json().meta({ description: 'What the model said, matching the schema; null without one' }),
    model: z.string().meta({ description: 'provider/model that was asked' }),
    finishReason: z.enum(['stop', 'length']).meta({
      description: 'length: the text was cut at maxOutputTokens, or where the model can say no more',
    }),
  })
  .meta({ id: 'AskResult' });

export const ask = defineJobType({
  name: 'ask',
  title: 'Ask a model',
  description: 'Answers a prompt or a conversation, as text or as JSON that matches a schema.',
  input: Input,
  result: Result,
  steps: [{ name: 'answer', title: 'Answer' }],
  needsModel: true,
  subject: ({ prompt, messages }) => (prompt ?? messages?.at(-1)?.content ?? '').trim().slice(0, 200),
  example: { prompt: 'Why is the sky blue? Answer in one sentence.' },
});

export type AskInput = InputOf<typeof ask>;
export type AskResult = ResultOf<typeof ask>;
