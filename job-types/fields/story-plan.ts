import { z } from 'zod';
import { QuestPhase, StorySection } from './story.js';

/** One part of a story, as it is planned. The first is the introduction and the last the conclusion. */
export const PlannedSegment = z.object({
  kind: z.enum(['introduction', 'quest', 'conclusion']),
  questIds: z.array(z.string()),
  /** Empty for what is about no quest. */
  questName: z.string(),
  phase: QuestPhase,
  section: StorySection,
  /** What it is to tell. */
  brief: z.string(),
  /** Who speaks in a dialogue. */
  actors: z.array(z.string()),
  /** How many words it is to have, some more or less. */
  words: z.int(),
});
export type PlannedSegment = z.infer<typeof PlannedSegment>;
