import { z } from 'zod';
import { type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import { ModelName } from './fields/model-names.js';
import { said } from './fields/said.js';
import { Subject } from './fields/subject.js';
import { WebAddress } from './fields/web-address.js';

/** Characters of pasted text: more than most models read at once. */
const longestText = 400_000;

/** What one field cannot tell by itself. */
function checkSources({
  value: { text, sources },
  issues,
}: z.core.ParsePayload<{ text?: string | undefined; sources?: string[] | undefined }>): void {
  if (text === undefined && sources === undefined)
    issues.push({ code: 'custom', path: ['text'], message: 'give text or sources', input: text });
  if (text !== undefined && sources !== undefined)
    issues.push({
      code: 'custom',
      path: ['sources'],
      message: 'give text or sources, not both',
      input: sources,
    });
  if (sources && new Set(sources).size < sources.length)
    issues.push({ code: 'custom', path: ['sources'], message: 'names a source twice', input: sources });
}

const Input = z
  .strictObject({
    subject: Subject,
    text: said(longestText).optional().meta({ description: 'What is known, as text; or give sources' }),
    sources: z
      .array(WebAddress)
      .min(1)
      .max(20)
      .optional()
      .meta({ description: 'Pages to read, http or https; or give text' }),
    model: ModelName.optional(),
  })
  .check(checkSources)
  .meta({ id: 'ResearchSubjectInput' });

const Result = z
  .object({
    subject: z.string().meta({ description: 'What /v1/research/{subject} answers to' }),
    version: z.int().meta({ description: 'The version of the research that this job has saved' }),
    title: z.string(),
    facts: z.int(),
    people: z.int(),
    places: z.int(),
    quests: z.int(),
    sources: z
      .array(z.string())
      .meta({ description: 'The pages that were read; empty for text that was given' }),
    provider: z.string().meta({ description: 'What structured it: "rules", or provider/model' }),
    notes: z.array(z.string()).meta({ description: 'What a reader should know of how it was made' }),
  })
  .meta({ id: 'ResearchSubjectResult' });

export const researchSubject = defineJobType({
  name: 'researchSubject',
  title: 'Research a subject',
  description:
    'Reads pages or a text, has a model put what they say of a subject in order, and saves it for people to correct and for stories to be written from.',
  input: Input,
  result: Result,
  steps: [
    { name: 'fetch', title: 'Fetch the sources' },
    { name: 'structure', title: 'Put what they say in order' },
    { name: 'save', title: 'Save the research' },
  ],
  subject: ({ subject }) => subject,
  concurrencyKey: ({ subject }) => subject,
  example: { subject: 'The Lighthouse', sources: ['http://127.0.0.1:3000/samples/the-lighthouse.html'] },
});

export type ResearchSubjectInput = InputOf<typeof researchSubject>;
export type ResearchSubjectResult = ResultOf<typeof researchSubject>;
