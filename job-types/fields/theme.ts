import { tidyLine } from './plain-text.js';
import { StorableText } from './storable-text.js';

/** Where the words of articles go. */
export const articleTheme = 'el_pais';

/** What words are about. A theme is the words that have it; it is there as soon as one is saved under it. */
export const Theme = StorableText.overwrite(tidyLine)
  .min(1, 'is empty')
  .max(200, 'has more than 200 characters')
  .meta({ description: 'What the words are about', example: 'By the sea' });
