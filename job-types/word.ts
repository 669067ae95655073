import { z } from 'zod';

/** A vocabulary word as an article shows it. What its source could not know is null, never invented. */
export const Word = z
  .object({
    word: z.string().meta({ description: 'The form as it stands in the text' }),
    lemma: z.string().nullable().meta({ description: 'Dictionary form' }),
    partOfSpeech: z.string().nullable().meta({ example: 'noun' }),
    gender: z.string().nullable().meta({ example: 'feminine' }),
    translation: z.string().nullable(),
    examples: z.array(z.string()).max(5),
  })
  .meta({ id: 'Word' });

export type Word = z.infer<typeof Word>;
