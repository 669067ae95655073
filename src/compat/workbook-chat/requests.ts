import { z } from 'zod';
import { StorableText } from '../../../job-types/fields/storable-text.js';
import { Plan } from '../../../job-types/fields/workbook/plan.js';

export const ChatId = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'letters, digits, "-" and "_", at most 100');

/** Null is absent, and so is a body that is not there. */
export const NewChat = z.object({ chat_id: ChatId.nullish() }).nullish().meta({ id: 'WorkbookNewChat' });

export const NewMessage = z
  .object({ message: StorableText.trim().min(1, 'is empty').max(20_000) })
  .meta({ id: 'WorkbookMessage' });

export const Confirmation = z
  .object({
    confirmed: z.boolean(),
    modified_workflow: Plan.nullish().meta({ description: 'The plan as it is to be run' }),
  })
  .meta({ id: 'WorkbookConfirmation' });
export type Confirmation = z.infer<typeof Confirmation>;

/** What a person can say besides what is to be done. */
const words = {
  yes: /^(yes|y|yep|ok|okay|confirm|proceed|go ahead|go|run it)[.!]*$/i,
  no: /^(no|n|nope|decline|reject)[.!]*$/i,
  cancel: /^(cancel|stop|abort)[.!]*$/i,
  help: /^(help|\?)[.!?]*$/i,
} as const;

export type Word = keyof typeof words;

export const wordIn = (message: string): Word | null =>
  (Object.keys(words) as Word[]).find((word) => words[word].test(message)) ?? null;
