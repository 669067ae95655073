import { z } from 'zod';
import { type InputOf, type ResultOf, defineJobType } from './contract/job-type.js';
import { ModelName } from './fields/model-names.js';
import { StorableText } from './fields/storable-text.js';
import { MissingSegment } from './fields/story.js';
import { Subject } from './fields/subject.js';

const Input = z
  .strictObject({
    subject: Subject,
    player: StorableText.trim()
      .min(1)
      .max(200)
      .meta({ description: 'Who the story happens to, by name', example: 'Inés' }),
    model: ModelName.optional(),
  })
  .meta({ id: 'CreateStoryInput' });

const Result = z
  .object({
    subject: z.string().meta({ description: 'What /v1/stories/{subject} answers to' }),
    title: z.string(),
    status: z
      .enum(['complete', 'partial'])
      .meta({ description: 'partial: a segment is missing, and `missing` says which' }),
    segments: z.int().meta({ description: 'How many there are, introduction and conclusion included' }),
    planned: z.int(),
    missing: z.array(MissingSegment),
    unreviewed: z
      .array(z.int())
      .meta({ description: 'Segments that nobody reviewed, since the model failed at it' }),
    researchVersion: z.int(),
    provider: z.string().meta({ description: 'What planned it, as provider/model' }),
    notes: z.array(z.string()),
  })
  .meta({ id: 'CreateStoryResult' });

export const createStory = defineJobType({
  name: 'createStory',
  title: 'Write a story',
  description:
    'Plans a story from the research on its subject, and writes, reviews and appends it segment by segment.',
  input: Input,
  result: Result,
  steps: [
    { name: 'plan', title: 'Plan the segments' },
    { name: 'write', title: 'Write the segments' },
    { name: 'review', title: 'Review the segments' },
    { name: 'append', title: 'Append the segments' },
    { name: 'finish', title: 'Finish the story' },
  ],
  needsModel: true,
  needs: ({ subject }) => ({ kind: 'research', name: subject, pointer: '/input/subject' }),
  subject: ({ subject, player }) => `${subject}, for ${player}`.slice(0, 200),
  concurrencyKey: ({ subject }) => subject,
  alias: ({ subject }) => subject,
  example: { subject: 'The Lighthouse', player: 'Inés' },
});

export type CreateStoryInput = InputOf<typeof createStory>;
export type CreateStoryResult = ResultOf<typeof createStory>;
