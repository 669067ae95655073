import { z } from 'zod';
import { objectForm } from '../providers/answer-form.js';
import { material } from './material.js';
import { type SegmentMaterial, emptySegment, researchFor, researchShown, segmentShown } from './story.js';
import { promptVersion } from './version.js';

/** @property text what was written, lines as "actor: line" */
export type ReviewSegment = SegmentMaterial & { text: string };

/** Numbers without bounds: some servers refuse them, and a model that counts to ten is read all the same. */
const ReviewSaid = z.object({
  scores: z.object({ lore: z.number(), narrative: z.number(), consistency: z.number() }),
  issues: z.array(
    z.object({
      category: z.string(),
      severity: z.string(),
      description: z.string(),
      suggestion: z.string(),
    }),
  ),
  suggestions: z.array(z.string()),
  summary: z.string(),
});
export type ReviewSaid = z.infer<typeof ReviewSaid>;

export const reviewSegmentAnswer = { form: objectForm(ReviewSaid), /** Characters. */ longestAnswer: 40_000 };

export function reviewSegmentPrompt(asked: ReviewSegment): { system: string; prompt: string } {
  const { rule, blocks } = material({
    research: researchShown(researchFor(asked)),
    plan: segmentShown(asked),
    before: asked.before,
    segment: asked.text,
  });
  return {
    system: [
      'You review segments of a story that others write from research.',
      ...rule,
      'You answer with one JSON object, and nothing else.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      `Review segment ${asked.number} of ${asked.of}, which was to have some ${asked.segment.words} words.`,
      'Give three scores from 0 to 1: "lore" (it agrees with the research), "narrative" (it is told well, and in the language of the research) and "consistency" (it does what the plan says and follows from what stands before it).',
      'Name what is wrong with it in "issues", each with "category", "severity" (low, medium or high), "description" and "suggestion". None is a good answer.',
      'Say in "suggestions" what would make it better, and in "summary" what you think of it, in one sentence.',
      'Answer as {"scores": {"lore", "narrative", "consistency"}, "issues": [], "suggestions": [], "summary"}.',
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const reviewSegmentVersion = promptVersion('review-segment', [
  reviewSegmentPrompt({ ...emptySegment('narration'), text: '' }),
  z.toJSONSchema(ReviewSaid),
]);
