import { z } from 'zod';
import { chatReply } from '../../job-types/chat-reply.js';
import { Failure } from '../../job-types/contract/failure.js';
import { Job } from '../../job-types/contract/job.js';
import { ConversationId } from '../../job-types/fields/conversation-id.js';
import { ModelName } from '../../job-types/fields/model-names.js';
import { longestSystem, longestText, said } from '../../job-types/fields/said.js';
import { StorableText } from '../../job-types/fields/storable-text.js';

const title = StorableText.trim().min(1).max(200);

export const ConversationRequest = z
  .strictObject({
    id: ConversationId.optional().meta({ description: 'A random one, unless you choose it' }),
    title: title.optional().meta({ description: 'The beginning of the first message, unless you give one' }),
    system: said(longestSystem).optional().meta({ description: 'How the model is to behave' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'ConversationRequest' });
export type ConversationRequest = z.infer<typeof ConversationRequest>;

const { temperature, maxOutputTokens, messageId } = chatReply.input.shape;

export const MessageRequest = z
  .strictObject({
    content: said(longestText).meta({ description: 'What to answer' }),
    id: messageId,
    replaces: StorableText.max(300)
      .optional()
      .meta({ description: 'Id of a message: it, or the reply it is, and all after it are said anew' }),
    model: ModelName.optional(),
    maxOutputTokens,
    temperature,
  })
  .meta({ id: 'MessageRequest' });
export type MessageRequest = z.infer<typeof MessageRequest>;

export const StopRequest = z
  .strictObject({
    message: StorableText.max(300)
      .optional()
      .meta({ description: 'Id of the reply; the one that is written, if absent' }),
  })
  .meta({ id: 'StopRequest' });
export type StopRequest = z.infer<typeof StopRequest>;

export const ConversationMessage = z
  .object({
    id: z.string(),
    role: z.enum(['user', 'assistant']),
    content: z.string().meta({ description: 'Of a reply that is being written: what it says so far' }),
    parts: z
      .array(z.object({ type: z.literal('text'), text: z.string() }))
      .meta({ description: 'The content, as the AI SDK has it' }),
    status: z.enum(['sent', 'queued', 'writing', 'complete', 'cut', 'stopped', 'failed']).meta({
      description: 'stopped: what was said until then. cut: at the length limit. failed: see failure',
    }),
    job: z.string().meta({ description: 'The job of the reply' }),
    model: z.string().nullable(),
    failure: Failure.nullable(),
    createdAt: z.iso.datetime(),
  })
  .meta({ id: 'ConversationMessage' });
export type ConversationMessage = z.infer<typeof ConversationMessage>;

export const Conversation = z
  .object({
    id: z.string(),
    title: z.string().nullable(),
    system: z.string().nullable(),
    model: z.string().nullable().meta({ description: 'Asked where a message names none' }),
    createdAt: z.iso.datetime(),
    updatedAt: z.iso.datetime(),
  })
  .meta({ id: 'Conversation' });
export type Conversation = z.infer<typeof Conversation>;

export const ReadConversation = Conversation.extend({
  messages: z.array(ConversationMessage).meta({ description: 'The last ones, in their order' }),
  earlierPageToken: z.string().nullable().meta({ description: '"pageToken" of the messages before them' }),
}).meta({ id: 'ReadConversation' });
export type ReadConversation = z.infer<typeof ReadConversation>;

export const ConversationList = z
  .object({ items: z.array(Conversation), nextPageToken: z.string().nullable() })
  .meta({ id: 'ConversationList' });
export type ConversationList = z.infer<typeof ConversationList>;

export const SentMessage = z
  .object({ message: ConversationMessage, reply: ConversationMessage, job: Job })
  .meta({ id: 'SentMessage' });
export type SentMessage = z.infer<typeof SentMessage>;
