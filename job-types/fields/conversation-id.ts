import { z } from 'zod';

/** A client may choose it. It stands in addresses, where one of only dots would mean another place. */
export const ConversationId = z
  .string()
  .max(100)
  .regex(/^[A-Za-z0-9._~:-]*[A-Za-z0-9~:_-][A-Za-z0-9._~:-]*$/, 'letters, digits and . _ ~ : -, at most 100')
  .meta({ description: 'Id of the conversation', example: 'chat-1' });
