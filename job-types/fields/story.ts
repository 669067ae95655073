import { z } from 'zod';

/** What somebody says. */
export const StoryLine = z.object({ actor: z.string(), line: z.string() }).meta({ id: 'StoryLine' });
export type StoryLine = z.infer<typeof StoryLine>;

/** A segment as it is written: a text, or lines where people speak. */
export interface SegmentText {
  text: string | null;
  lines: StoryLine[] | null;
}

/** Texts that people have written, by the numbers of their segments. */
export type StoryParts = Record<number, SegmentText>;

/** Where a segment stands in the quest it tells of. */
export const QuestPhase = z.enum(['accept', 'exec', 'complete']);
export type QuestPhase = z.infer<typeof QuestPhase>;

/** How a segment tells it. `intro` leads to a quest, `dialogue` has lines instead of a text. */
export const StorySection = z.enum(['intro', 'dialogue', 'narration']);
export type StorySection = z.infer<typeof StorySection>;

const score = z.number().min(0).max(1);

/** What the reviewer said of the text that was kept. */
export const SegmentReview = z
  .object({
    scores: z.object({ lore: score, narrative: score, consistency: score }),
    issues: z.array(
      z.object({
        category: z.string(),
        severity: z.enum(['low', 'medium', 'high']),
        description: z.string(),
        suggestion: z.string(),
      }),
    ),
    suggestions: z.array(z.string()),
    summary: z.string(),
  })
  .meta({ id: 'SegmentReview' });
export type SegmentReview = z.infer<typeof SegmentReview>;

/** A part of a story that was planned, and is not in it. */
export const MissingSegment = z
  .object({
    segment: z.int().meta({ description: 'Which of all, from 1' }),
    what: z.string().meta({ description: 'What it was to tell' }),
    why: z.string(),
  })
  .meta({ id: 'MissingSegment' });
export type MissingSegment = z.infer<typeof MissingSegment>;
