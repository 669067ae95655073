import { z } from 'zod';
import { defineJobType, type InputOf, type ResultOf } from './contract/job-type.js';
import { ConversationId } from './fields/conversation-id.js';
import { ModelName } from './fields/model-names.js';
import { Message, longestSystem, longestText, said } from './fields/said.js';
import { StorableText } from './fields/storable-text.js';

/** Somebody who leads the conversation by prompts of ours. */
const Coach = z.strictObject({
  kind: z.enum(['star', 'pitch']).meta({
    description: 'star: finds a professional success and tells it; pitch: puts a pitch together',
  }),
  autonomyLevel: z
    .int()
    .min(1)
    .max(5)
    .default(3)
    .meta({ description: 'How much the coach proposes by itself; 1: only asks' }),
  person: z
    .record(z.string(), z.json())
    .optional()
    .meta({ description: 'Who the person is, as data for the coach' }),
});
export type Coach = z.infer<typeof Coach>;

const Input = z
  .strictObject({
    conversation: ConversationId.meta({ description: 'It is begun with this message if it is new' }),
    message: said(longestText)
      .optional()
      .meta({ description: 'What to answer; without it a coach opens the conversation' }),
    messageId: z
      .string()
      .regex(/^[\x21-\x7e]{1,200}$/, 'visible ASCII, at most 200 characters')
      .optional()
      .meta({ description: "The client's own id of the message" }),
    system: said(longestSystem)
      .optional()
      .meta({ description: 'How the model is to behave; kept with a conversation that is new' }),
    history: z.array(Message).max(1_000).optional().meta({
      description: 'What was said before, instead of what the conversation holds',
    }),
    replaces: StorableText.max(300).optional().meta({
      description: 'Id of a message that this one, or its reply, takes the place of, with all after it',
    }),
    coach: Coach.optional(),
    model: ModelName.optional(),
    maxOutputTokens: z.int().min(1).max(128_000).optional().meta({
      description: 'Where the reply is cut, in tokens of the model',
    }),
    temperature: z.number().min(0).max(2).optional().meta({ description: 'Models that know none ignore it' }),
  })
  .check(({ value: { message, coach }, issues }) => {
    if (message !== undefined || coach !== undefined) return;
    issues.push({ code: 'custom', path: ['message'], message: 'give a message', input: message });
  })
  .meta({ id: 'ChatReplyInput' });

const Result = z
  .object({
    conversation: z.string(),
    message: z.string().meta({ description: 'Id of the reply among the messages of the conversation' }),
    text: z.string(),
    model: z.string().meta({ description: 'provider/model that was asked' }),
    finishReason: z.enum(['stop', 'length']).meta({
      description: 'length: the text was cut at maxOutputTokens, or where the model can say no more',
    }),
  })
  .meta({ id: 'ChatReplyResult' });

/** As the store calls a message to which its client has given no id. */
const ownMessageId = (rootJobId: string): string => `${rootJobId}.message`;

export const chatReply = defineJobType({
  name: 'chatReply',
  title: 'Reply in a conversation',
  description: 'Answers a message of a conversation, which keeps what was said; one reply at a time.',
  input: Input,
  result: Result,
  steps: [
    { name: 'reply', title: 'Reply' },
    { name: 'save', title: 'Save the reply' },
  ],
  needsModel: true,
  subject: ({ conversation, message }) => (message ?? conversation).trim().slice(0, 200),
  concurrencyKey: ({ conversation }) => conversation,
  // Nobody has said it twice. Its id stays, so that the reply can be asked for once more.
  instead({ messageId }, rootJobId) {
    const id = messageId ?? ownMessageId(rootJobId);
    return { messageId: id, replaces: id };
  },
  example: {
    conversation: 'lighthouse',
    system: 'You know a lot about the sea. You answer in a few plain sentences.',
    message: 'Why do lighthouses blink?',
  },
});

export type ChatReplyInput = InputOf<typeof chatReply>;
export type ChatReplyResult = ResultOf<typeof chatReply>;
