import { z } from 'zod';
import { StorableText } from './storable-text.js';

/** Providers refuse what has no visible character. */
export const said = (most: number) =>
  StorableText.min(1)
    .max(most)
    .refine((text) => text.trim() !== '', 'has nothing but white space');

/** Characters of a message; a conversation may have many. */
export const longestText = 500_000;

/** Characters of a text that may be a whole file: what a model cannot read it refuses by itself. */
export const longestFile = 4_000_000;

/** Of a text that says how a model is to behave. */
export const longestSystem = 100_000;

/** What somebody has said in a conversation. */
export const Message = z.strictObject({ role: z.enum(['user', 'assistant']), content: said(longestText) });
export type Message = z.infer<typeof Message>;
