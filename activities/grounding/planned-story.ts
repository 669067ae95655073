import { tidyLine } from '../../job-types/fields/plain-text.js';
import type { PlannedSegment } from '../../job-types/fields/story-plan.js';
import { StepFailure } from '../frame/step-failure.js';
import { type PlanSaid, mostSegments } from '../prompts/plan-story.js';

/** Words of a segment, by what it is. */
const words = { introduction: 150, intro: 120, dialogue: 200, narration: 250, conclusion: 150 } as const;

const most = { line: 200, brief: 2_000, ids: 20, actors: 10 };

const line = (text: string, longest: number = most.line): string =>
  tidyLine(text).slice(0, longest).toWellFormed();

const lines = (texts: readonly string[], atMost: number): string[] =>
  texts
    .map((text) => line(text))
    .filter(Boolean)
    .slice(0, atMost);

/**
 * A plan in its bounds, with introduction and conclusion as its first and last segment.
 * @throws {StepFailure} malformed-answer, for one without segments
 */
export function plannedStory(
  said: PlanSaid,
  { subject, provider }: { subject: string; provider: string },
): { title: string; plan: PlannedSegment[]; notes: string[] } {
  const between = said.segments.map((segment): PlannedSegment => {
    const actors = lines(segment.actors, most.actors);
    return {
      kind: 'quest',
      questIds: lines(segment.questIds, most.ids),
      questName: line(segment.questName),
      phase: segment.phase,
      section: segment.section,
      brief: line(segment.brief, most.brief),
      actors,
      words: words[segment.section],
    };
  });
  if (between.length === 0) {
    throw new StepFailure('malformed-answer', `${provider} planned no segment.`, { provider });
  }
  const left = between.length - mostSegments;
  const notes =
    left > 0 ? [`The plan had ${left} segments more than the ${mostSegments} that are written.`] : [];
  const about = (kind: 'introduction' | 'conclusion', brief: string): PlannedSegment => ({
    kind,
    questIds: [],
    questName: '',
    phase: kind === 'introduction' ? 'accept' : 'complete',
    section: 'narration',
    brief: line(brief, most.brief),
    actors: [],
    words: words[kind],
  });
  const plan = [
    about('introduction', said.introduction),
    ...between.slice(0, mostSegments),
    about('conclusion', said.conclusion),
  ];
  return { title: line(said.title) || subject, plan, notes };
}

/** A few words that tell a segment from others, for people who watch. */
export function labelOf({ kind, section, questName }: PlannedSegment): string {
  if (kind !== 'quest') return `the ${kind}`;
  const what = { intro: 'how it comes to', dialogue: 'the dialogue of', narration: 'the tale of' }[section];
  return `${what} ${questName === '' ? 'a quest' : `"${questName.slice(0, 80).toWellFormed()}"`}`;
}
