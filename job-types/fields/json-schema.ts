import { z } from 'zod';
import { complaintsAbout } from './json-schema/check.js';
import { rootKeywords } from './json-schema/keywords.js';
import type { WholeSchema } from './json-schema/schema.js';

/** Enough to mend a schema by; a large one could be wrong in thousands of places. */
const mostComplaints = 20;

/**
 * The JSON Schema that an answer must match, in a subset of draft 2020-12. What the subset does not have is refused,
 * with a pointer to it: a keyword that is passed over would let wrong answers through.
 */
export const JsonSchema = z
  .custom<WholeSchema>()
  .check(({ value, issues }) => {
    for (const { path, message } of complaintsAbout(value).slice(0, mostComplaints)) {
      issues.push({ code: 'custom', path: [...path], message, input: value });
    }
  })
  .meta({
    type: 'object',
    description: `JSON Schema (draft 2020-12) in the keywords ${Object.keys(rootKeywords).join(', ')}`,
  });
