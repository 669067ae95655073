import { z } from 'zod';
import { ConversationId } from '../../job-types/fields/conversation-id.js';
import { ModelName } from '../../job-types/fields/model-names.js';
import { longestSystem, longestText, said } from '../../job-types/fields/said.js';
import { toValidationProblem } from '../problems/validation.js';
import type { NewMessage } from './chats.js';

const UiMessage = z.object({
  id: z.string().optional(),
  role: z.enum(['system', 'user', 'assistant']),
  parts: z.array(z.object({ type: z.string(), text: z.string().optional() })),
});

/** What the AI SDK's `useChat` posts. It may post more, which is passed over. */
export const ChatRequest = z
  .object({
    id: ConversationId,
    messages: z
      .array(UiMessage)
      .min(1)
      .meta({ description: "The last one is the user's; earlier ones are kept here" }),
    trigger: z.enum(['submit-message', 'regenerate-message']).default('submit-message'),
    messageId: z.string().nullish(),
    system: said(longestSystem)
      .optional()
      .meta({ description: 'How the model is to behave, in a conversation that is new' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'ChatRequest' });
export type ChatRequest = z.infer<typeof ChatRequest>;

const fitId = /^[\x21-\x7e]{1,200}$/;

/**
 * The message to answer. The user's own id of it is kept, so that it can be said anew under that.
 * @throws {Problem} validation-failed
 */
export function newMessage({ messages, trigger, messageId, system, model }: ChatRequest): NewMessage {
  const at = messages.length - 1;
  const last = messages[at];
  const refuse = (path: PropertyKey[], message: string) =>
    toValidationProblem([{ code: 'custom', path: ['messages', at, ...path], message, input: last }]);
  if (last?.role !== 'user') throw refuse(['role'], "the last message must be the user's");
  if (last.parts.some(({ type }) => type === 'file')) throw refuse(['parts'], 'only text can be sent');
  const text = last.parts
    .flatMap((part) => (part.type === 'text' && part.text ? [part.text] : []))
    .join('\n');
  const message = said(longestText).safeParse(text);
  if (!message.success) throw refuse(['parts'], message.error.issues[0]?.message ?? 'is no text');
  const own = last.id !== undefined && fitId.test(last.id) ? last.id : undefined;
  const anew = trigger === 'regenerate-message' || (messageId !== undefined && messageId !== null);
  return {
    message: message.data,
    ...(own === undefined ? {} : { messageId: own }),
    ...(anew && own !== undefined ? { replaces: own } : {}),
    ...(system === undefined ? {} : { system }),
    ...(model === undefined ? {} : { model }),
  };
}
