import { z } from 'zod';
import { QuestPhase, StorySection } from '../../job-types/fields/story.js';
import { objectForm } from '../providers/answer-form.js';
import { material } from './material.js';
import { type StoryMaterial, emptySegment, researchShown } from './story.js';
import { promptVersion } from './version.js';

export type PlanStory = Omit<StoryMaterial, 'title'> & { subject: string };

/** Between introduction and conclusion: more than anybody reads in one go. */
export const mostSegments = 60;

const PlanSaid = z.object({
  title: z.string(),
  introduction: z.string(),
  segments: z.array(
    z.object({
      questIds: z.array(z.string()),
      questName: z.string(),
      phase: QuestPhase,
      section: StorySection,
      brief: z.string(),
      actors: z.array(z.string()),
    }),
  ),
  conclusion: z.string(),
});
export type PlanSaid = z.infer<typeof PlanSaid>;

export const planStoryAnswer = { form: objectForm(PlanSaid), /** Characters. */ longestAnswer: 200_000 };

export function planStoryPrompt({ subject, player, research }: PlanStory): {
  system: string;
  prompt: string;
} {
  const { rule, blocks } = material({ subject, player, research: researchShown(research) });
  return {
    system: [
      'You plan stories that others write, segment by segment, from research on a subject.',
      ...rule,
      'You answer with one JSON object, and nothing else.',
    ].join('\n'),
    prompt: [
      ...blocks,
      '',
      'Plan a story of the subject that happens to the player, in the language of the research.',
      'It begins with an introduction and ends with a conclusion: say for each in one or two sentences what it tells.',
      `Between them it has segments, in their order, at most ${mostSegments}. A quest has about one segment for each of its phases: "accept", "exec" and "complete".`,
      'A segment has "questIds" (ids of the research), "questName", "phase", "section", "brief" (what it tells, in one to three sentences) and "actors".',
      'The section is "intro" where a quest is led to, "dialogue" where people speak, with their names in "actors", and "narration" otherwise.',
      'Plan nothing that contradicts the research.',
      'Answer as {"title", "introduction", "segments": [{"questIds": [], "questName", "phase", "section", "brief", "actors": []}], "conclusion"}.',
    ].join('\n'),
  };
}

/** What this prompt is called in the ledger. */
export const planStoryVersion = promptVersion('plan-story', [
  planStoryPrompt({ subject: '', ...emptySegment('intro') }),
  z.toJSONSchema(PlanSaid),
]);
