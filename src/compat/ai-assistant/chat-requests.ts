import { z } from 'zod';
import type { Coach } from '../../../job-types/chat-reply.js';
import type { ModelNames } from '../../../job-types/fields/model-names.js';
import type { Message } from '../../../job-types/fields/said.js';
import type { NewMessage } from '../../conversations/chats.js';
import { wholeNumber } from '../lenient.js';
import { LlmConfig, modelOf } from './llm-config.js';

/** What opens a conversation there. Fields that nobody knows are passed over, and null is absent. */
export const ChatStart = z
  .object({
    conversation_id: wholeNumber,
    user_context: z.record(z.string(), z.json()).nullish().meta({ description: 'Who the person is' }),
    coaching_type: z.enum(['star', 'pitch']).nullish().meta({ description: 'star, if absent' }),
    autonomy_level: z
      .number()
      .nullish()
      .meta({ description: 'How much the coach proposes by itself, 1 to 5; also in user_context' }),
    llm_config: LlmConfig,
  })
  .meta({ id: 'AiAssistantChatStart' });
export type ChatStart = z.infer<typeof ChatStart>;

export const ChatMessage = ChatStart.extend({
  message: z.string(),
  history: z
    .array(z.object({ role: z.string(), content: z.string().nullish() }))
    .nullish()
    .meta({ description: 'What was said before' }),
}).meta({ id: 'AiAssistantChatMessage' });
export type ChatMessage = z.infer<typeof ChatMessage>;

export const conversationOf = ({ conversation_id: id }: ChatStart): string => `ai-assistant:${id}`;

const usualAutonomy = 3;

function coachOf({ coaching_type, autonomy_level, user_context }: ChatStart): Coach {
  const level = Number(autonomy_level ?? user_context?.['autonomy_level'] ?? usualAutonomy);
  return {
    kind: coaching_type ?? 'star',
    autonomyLevel: Number.isNaN(level) ? usualAutonomy : Math.min(5, Math.max(1, Math.round(level))),
    ...(user_context ? { person: user_context } : {}),
  };
}

/** Neither the database nor a model's server takes NUL or half a character. */
const storable = (text: string): string => text.replaceAll('\0', '\uFFFD').toWellFormed();

/** @throws {UnprocessableEntityException} for what llm_config may not hold */
export function openingOf(body: ChatStart, models: ModelNames): NewMessage {
  const model = modelOf(body.llm_config, models);
  return { coach: coachOf(body), ...(model === undefined ? {} : { model }) };
}

/** @throws {UnprocessableEntityException} for what llm_config may not hold */
export function messageOf(body: ChatMessage, models: ModelNames): NewMessage {
  const message = storable(body.message);
  const said = (body.history ?? []).flatMap(({ role, content }) =>
    content?.trim() ? [{ role, content: storable(content) }] : [],
  );
  const last = said.at(-1);
  // Some clients add the message to the history before they send both.
  const before = last?.role !== 'assistant' && last?.content === message ? said.slice(0, -1) : said;
  const system = before.filter(({ role }) => role === 'system').map(({ content }) => content);
  const history = before
    .filter(({ role }) => role !== 'system')
    .map(({ role, content }): Message => ({ role: role === 'assistant' ? 'assistant' : 'user', content }));
  return {
    ...openingOf(body, models),
    message,
    history,
    ...(system.length > 0 ? { system: system.join('\n\n') } : {}),
  };
}
